package dev.sallyport.proxy.settings;

/** Something that works but that an operator should know of; logged at every start. */
public record Warning(Place place, String text) {

    @Override
    public String toString() {
        return place + ": " + text;
    }
}
