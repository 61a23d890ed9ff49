package dev.sallyport.testkit.notes;

/** A note of the team. */
record Note(int id, String title, String text) {

    String uri() {
        return "notes://" + id;
    }
}
