@NullMarked
package dev.sallyport.proxy.permission;

import org.jspecify.annotations.NullMarked;
