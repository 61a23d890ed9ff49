@NullMarked
package dev.sallyport.proxy.elicitation;

import org.jspecify.annotations.NullMarked;
