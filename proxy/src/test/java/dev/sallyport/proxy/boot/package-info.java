@NullMarked
package dev.sallyport.proxy.boot;

import org.jspecify.annotations.NullMarked;
