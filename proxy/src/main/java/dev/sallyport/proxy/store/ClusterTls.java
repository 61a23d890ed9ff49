package dev.sallyport.proxy.store;

import dev.sallyport.proxy.secret.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.jgroups.util.DefaultSocketFactory;
import org.jgroups.util.SocketFactory;

/**
 * TLS 1.3 between nodes, in both directions with a certificate, all of it made from one secret: the secret becomes an
 * Ed25519 key (HKDF-SHA256, RFC 5869), every node has that key and a certificate for it, and accepts no other. Who lacks the
 * secret can neither join, nor listen, nor change anything on the way; what was recorded does not open when the secret
 * becomes known later. Needs no authority and no files beyond the secret.
 */
final class ClusterTls {

    private static final String[] PROTOCOLS = {"TLSv1.3"};
    private static final byte[] INFO = "sallyport cluster 1".getBytes(StandardCharsets.US_ASCII);

    /** RFC 8410 section 3. */
    private static final AlgorithmIdentifier ED25519 = new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.112"));

    private ClusterTls() {}

    /** Sockets for all that nodes say to each other. */
    static SocketFactory sockets(Secret secret) {
        var sockets = new DefaultSocketFactory(context(secret));
        sockets.setSocketConfigurator(ClusterTls::configure);
        sockets.setServerSocketConfigurator(ClusterTls::configure);
        return sockets;
    }

    private static void configure(Socket socket) {
        if (socket instanceof SSLSocket tls) {
            tls.setEnabledProtocols(PROTOCOLS.clone());
        }
    }

    private static void configure(ServerSocket socket) {
        if (!(socket instanceof SSLServerSocket tls)) {
            throw new IllegalStateException("a socket without TLS");
        }
        tls.setEnabledProtocols(PROTOCOLS.clone());
        tls.setNeedClientAuth(true);
    }

    static SSLContext context(Secret secret) {
        var seed = seed(secret);
        try {
            var key = new Ed25519PrivateKeyParameters(seed, 0);
            var certificate = certificate(key);
            var info = new PrivateKeyInfo(ED25519, new DEROctetString(seed));
            var privateKey =
                    KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
            var keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry("node", privateKey, new char[0], new Certificate[] {certificate});
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, new char[0]);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(managers.getKeyManagers(), new TrustManager[] {new OnlyThis(certificate)}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("JDK 25 has TLS 1.3 and Ed25519", e);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    private static byte[] seed(Secret secret) {
        return secret.reveal(bytes -> {
            try {
                var spec = HKDFParameterSpec.ofExtract()
                        .addIKM(new SecretKeySpec(bytes, "HKDF"))
                        .addSalt(new byte[32])
                        .thenExpand(INFO, Ed25519PrivateKeyParameters.KEY_SIZE);
                return KDF.getInstance("HKDF-SHA256").deriveData(spec);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("JDK 25 has HKDF-SHA256", e);
            }
        });
    }

    /** The same bytes on every node: no chance, no clock. */
    private static X509Certificate certificate(Ed25519PrivateKeyParameters key)
            throws IOException, GeneralSecurityException {
        var name = new X500Name("CN=sallyport-cluster");
        var body = new V3TBSCertificateGenerator();
        body.setSerialNumber(new ASN1Integer(BigInteger.ONE));
        body.setIssuer(name);
        body.setSubject(name);
        body.setSignature(ED25519);
        body.setStartDate(new Time(new DERUTCTime("700101000000Z")));
        body.setEndDate(new Time(new DERGeneralizedTime("99991231235959Z")));
        body.setSubjectPublicKeyInfo(
                new SubjectPublicKeyInfo(ED25519, key.generatePublicKey().getEncoded()));
        var unsigned = body.generateTBSCertificate();
        var signer = new Ed25519Signer();
        signer.init(true, key);
        var bytes = unsigned.getEncoded("DER");
        signer.update(bytes, 0, bytes.length);
        var parts = new ASN1EncodableVector();
        parts.add(unsigned);
        parts.add(ED25519);
        parts.add(new DERBitString(signer.generateSignature()));
        var encoded = new DERSequence(parts).getEncoded("DER");
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    /** Trusts the certificate that all nodes have; that the peer has its key is what the handshake proves. */
    private static final class OnlyThis extends X509ExtendedTrustManager {

        private final X509Certificate certificate;

        OnlyThis(X509Certificate certificate) {
            this.certificate = certificate;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length != 1 || !MessageDigest.isEqual(chain[0].getEncoded(), certificate.getEncoded())) {
                throw new CertificateException("the other side does not have the secret of this cluster");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
