@NullMarked
package dev.sallyport.proxy.trace;

import org.jspecify.annotations.NullMarked;
