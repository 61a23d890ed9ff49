@NullMarked
package dev.sallyport.proxy.mcp;

import org.jspecify.annotations.NullMarked;
