package dev.sallyport.proxy.boot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: boot, transport, gate, features, leaves. */
class DependencyTest {

    private static final String ROOT = "dev.sallyport.proxy.";

    private final JavaClasses code = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sallyport.proxy");

    @Test
    void packages_have_no_cycles() {
        SlicesRuleDefinition.slices()
                .matching(ROOT + "(*)..")
                .should()
                .beFreeOfCycles()
                .check(code);
    }

    @Test
    void only_boot_knows_boot() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "boot..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "boot..")
                .check(code);
    }

    @Test
    void only_boot_knows_transport() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "boot..", ROOT + "transport..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "transport..")
                .check(code);
    }

    @Test
    void only_boot_and_transport_know_the_gate() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "boot..", ROOT + "transport..", ROOT + "gate..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "gate..")
                .check(code);
    }

    @Test
    void leaves_know_nothing_but_leaves() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + "audit..",
                        ROOT + "mcp..",
                        ROOT + "oauth..",
                        ROOT + "refusal..",
                        ROOT + "secret..",
                        ROOT + "trace..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + "credential..",
                        ROOT + "discovery..",
                        ROOT + "pages..",
                        ROOT + "permission..",
                        ROOT + "registry..",
                        ROOT + "session..",
                        ROOT + "settings..",
                        ROOT + "token..",
                        ROOT + "upstream..",
                        ROOT + "vault..")
                .check(code);
    }

    @Test
    void vertx_stays_where_bytes_come_in_and_go_out() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "boot..", ROOT + "transport..", ROOT + "upstream..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..")
                .check(code);
    }

    @Test
    void the_container_stays_in_boot() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "boot..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta..", "io.quarkus..", "io.micrometer..")
                .check(code);
    }

    @Test
    void names_say_what_a_thing_is() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
                .orShould()
                .haveNameMatching(".*\\.(Base|Abstract)[A-Z].*")
                .check(code);
    }

    @Test
    void a_proof_is_made_only_where_the_check_is() {
        classes()
                .that()
                .haveFullyQualifiedName(ROOT + "token.Verified")
                .or()
                .haveFullyQualifiedName(ROOT + "permission.Permitted")
                .should()
                .bePackagePrivate()
                .check(code);
    }
}
