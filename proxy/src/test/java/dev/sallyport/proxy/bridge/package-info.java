@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.bridge;
