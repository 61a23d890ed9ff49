@NullMarked
package dev.sallyport.proxy.token;

import org.jspecify.annotations.NullMarked;
