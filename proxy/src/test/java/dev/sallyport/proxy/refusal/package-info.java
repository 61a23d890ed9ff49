@NullMarked
package dev.sallyport.proxy.refusal;

import org.jspecify.annotations.NullMarked;
