package dev.sallyport.proxy.settings;

/**
 * One thing that is wrong with a configuration: where it stands, what was found (a description where the value could be
 * a secret), why that cannot be, and what to write instead.
 */
public record Problem(Place place, String found, String why, String instead) {

    /** One line for a person. */
    @Override
    public String toString() {
        return place + ": found " + found + ", but " + why + "; " + instead;
    }
}
