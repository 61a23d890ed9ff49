@NullMarked
package dev.sallyport.proxy.store;

import org.jspecify.annotations.NullMarked;
