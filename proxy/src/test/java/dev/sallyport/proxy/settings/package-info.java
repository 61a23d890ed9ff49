@NullMarked
package dev.sallyport.proxy.settings;

import org.jspecify.annotations.NullMarked;
