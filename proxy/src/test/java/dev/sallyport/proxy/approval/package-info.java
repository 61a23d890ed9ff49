@NullMarked
package dev.sallyport.proxy.approval;

import org.jspecify.annotations.NullMarked;
