@NullMarked
package dev.sallyport.proxy.audit;

import org.jspecify.annotations.NullMarked;
