@NullMarked
package dev.sallyport.proxy.remote;

import org.jspecify.annotations.NullMarked;
