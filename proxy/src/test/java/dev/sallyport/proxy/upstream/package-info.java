@NullMarked
package dev.sallyport.proxy.upstream;

import org.jspecify.annotations.NullMarked;
