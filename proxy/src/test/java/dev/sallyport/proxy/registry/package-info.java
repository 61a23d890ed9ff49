@NullMarked
package dev.sallyport.proxy.registry;

import org.jspecify.annotations.NullMarked;
