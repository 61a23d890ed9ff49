@NullMarked
package dev.sallyport.proxy.identity;

import org.jspecify.annotations.NullMarked;
