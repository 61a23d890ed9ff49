package dev.sallyport.testkit.notes;

import jakarta.servlet.Filter;

/** Whom the server lets in. */
interface Guard extends Filter {

    /** How many requests for the MCP server came, let in or not. */
    long calls();

    long refused();
}
