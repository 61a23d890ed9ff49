@NullMarked
package dev.sallyport.proxy.gate;

import org.jspecify.annotations.NullMarked;
