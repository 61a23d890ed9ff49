package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.settings.CredentialSettings;

/**
 * The fields in which a person enters a credential. A form that was refused says why and need not be typed as a whole again;
 * what is secret is never sent back.
 *
 * @param problem why it was refused; empty the first time
 */
record ConnectFields(String problem, String username, String account) {

    static final ConnectFields EMPTY = new ConnectFields("", "", "");

    static ConnectFields again(PageRequest request, String problem) {
        return new ConnectFields(
                problem,
                request.field("username").orElse(""),
                request.field("account").orElse(""));
    }

    void write(Html page, CredentialSettings.Connectable kind) {
        if (!(kind instanceof CredentialSettings.PerUser own)) {
            return;
        }
        if (own.form() == CredentialSettings.Form.BASIC) {
            input(page, "username", Entered.USER_NAME, "text", username);
            input(page, "password", own.label(), "password", "");
        } else {
            input(page, "value", own.label(), "password", "");
            page.raw("<label for=\"account\">Name it, if you like</label>")
                    .raw(
                            "<input id=\"account\" name=\"account\" maxlength=\"80\" placeholder=\"my work account\" value=\"")
                    .text(account)
                    .raw("\">");
        }
    }

    private static void input(Html page, String name, String label, String type, String value) {
        page.raw("<label for=\"" + name + "\">")
                .text(label)
                .raw("</label>")
                .raw("<input id=\"" + name + "\" name=\"" + name + "\" type=\"" + type
                        + "\" required maxlength=\"8192\" autocomplete=\"off\" spellcheck=\"false\" value=\"")
                .text(value)
                .raw("\">");
    }
}
