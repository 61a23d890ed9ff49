@NullMarked
package dev.sallyport.proxy.condition;

import org.jspecify.annotations.NullMarked;
