@NullMarked
package dev.sallyport.proxy.transport;

import org.jspecify.annotations.NullMarked;
