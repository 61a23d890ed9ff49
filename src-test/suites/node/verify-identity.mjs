// The example of docs/how-to/tell-a-server-who-calls.md: node verify-identity.mjs <publicUrl> <upstream.url>, the assertion in
// the environment. Prints who calls, or fails.
import { createRemoteJWKSet, jwtVerify } from "jose";

const [, , gate, audience] = process.argv;
const keys = createRemoteJWKSet(new URL(gate + "/.well-known/jwks.json"));

async function caller(request) {
  const { payload } = await jwtVerify(request.headers["x-caller-identity"], keys, {
    issuer: gate, audience, algorithms: ["ES256"], typ: "sallyport-identity+jwt",
  });
  return { person: payload.sub, client: payload.client_id, scopes: payload.scope.split(" ") };
}

console.log(JSON.stringify(await caller({ headers: { "x-caller-identity": process.env.ASSERTION } })));
