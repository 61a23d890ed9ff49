@NullMarked
package dev.sallyport.proxy.command;

import org.jspecify.annotations.NullMarked;
