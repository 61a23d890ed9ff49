package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;

/** Where calls wait until their person has looked at them. */
public interface Approvals {

    /**
     * Spends the approval of this very call, which no other call and no other node can then spend.
     *
     * @return the approval's id, for the audit log
     * @throws Refused with {@code ApprovalRequired} while the call waits, {@code NotPermitted} if the person declined it, {@code
     *     Unavailable} if it cannot be told
     */
    String spend(AskedCall call);

    /** For a gate whose people have no page to look at. */
    Approvals NOBODY = _ -> {
        throw new Refused(new Refusal.NotPermitted("This needs an approval, and nobody can be asked here."));
    };
}
