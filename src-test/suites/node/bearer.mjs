// Preloaded (node --import) into the conformance suite, which has no option for a header: adds the bearer token of
// SALLYPORT_BEARER to each request to the origin SALLYPORT_BEARER_ORIGIN, made by undici (also as fetch) or node:http.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';

const token = process.env.SALLYPORT_BEARER;
const origin = process.env.SALLYPORT_BEARER_ORIGIN;

if (token && origin) {
    const value = `Bearer ${token}`;
    setGlobalDispatcher(
        getGlobalDispatcher().compose(dispatch => (options, handler) =>
            dispatch(new URL(options.origin).origin === origin ? { ...options, headers: withBearer(options.headers) } : options, handler)
        )
    );

    function withBearer(headers) {
        if (Array.isArray(headers)) {
            return [...headers, 'authorization', value];
        }
        const pairs = headers?.[Symbol.iterator] ? [...headers] : Object.entries(headers ?? {});
        return Object.fromEntries([...pairs, ['authorization', value]]);
    }

    const { request } = http;
    http.request = (...args) => {
        const sent = request(...args);
        if (`${sent.protocol}//${sent.host}:${args[0]?.port ?? new URL(args[0]).port}` === origin) {
            sent.setHeader('authorization', value);
        }
        return sent;
    };
    http.get = (...args) => {
        const sent = http.request(...args);
        sent.end();
        return sent;
    };
    syncBuiltinESMExports();
}
