@NullMarked
package dev.sallyport.proxy.session;

import org.jspecify.annotations.NullMarked;
