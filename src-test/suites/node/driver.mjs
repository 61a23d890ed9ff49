// What every client driver shares: commands on stdin and answers on stdout, one JSON object a line; the callback of the
// authorization code flow on loopback; a store of registrations and tokens in memory; and a record of all HTTP traffic,
// so that a test can look for what a client must never have seen.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

export function say(message) {
    process.stdout.write(JSON.stringify(message) + '\n');
}

/** Listens for redirects of a browser. One flow at a time. */
export async function callbacks() {
    const waiting = [];
    const arrived = [];
    const server = createServer((request, response) => {
        const url = new URL(request.url, 'http://127.0.0.1');
        if (url.pathname !== '/callback') {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Done</title><p id="done">You can close this window.');
        const next = waiting.shift();
        if (next) {
            next(url.searchParams);
        } else {
            arrived.push(url.searchParams);
        }
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    return {
        redirectUrl: `http://127.0.0.1:${server.address().port}/callback`,
        next: () =>
            new Promise(resolve => {
                if (arrived.length > 0) {
                    resolve(arrived.shift());
                } else {
                    waiting.push(resolve);
                }
            }),
        close: () => {
            server.close();
            server.closeAllConnections();
        }
    };
}

/** A `fetch` that remembers requests and answers; streams are recorded as they are read. */
export function recordingFetch(traffic) {
    return async (input, init) => {
        const request = new Request(input, init);
        const entry = {
            method: request.method,
            url: request.url,
            requestHeaders: Object.fromEntries(request.headers),
            requestBody: typeof init?.body === 'string' ? init.body : init?.body ? String(init.body) : ''
        };
        traffic.push(entry);
        const response = await fetch(input, init);
        entry.status = response.status;
        entry.headers = Object.fromEntries(response.headers);
        entry.body = '';
        const reader = response.clone().body?.getReader();
        if (reader) {
            const decoder = new TextDecoder();
            const pump = async () => {
                for (let part = await reader.read(); !part.done; part = await reader.read()) {
                    entry.body += decoder.decode(part.value, { stream: true });
                }
            };
            pump().catch(() => {});
        }
        return response;
    };
}

/** The OAuth side of a client, as its SDK wants it: everything in memory, one browser flow at a time. */
export function provider(callback, options) {
    const stored = { state: undefined };
    return {
        stored,
        get redirectUrl() {
            return callback.redirectUrl;
        },
        get clientMetadata() {
            return {
                client_name: options.clientName,
                redirect_uris: [callback.redirectUrl],
                grant_types: ['authorization_code', 'refresh_token'],
                response_types: ['code'],
                token_endpoint_auth_method: 'none'
            };
        },
        state: () => (stored.state = crypto.randomUUID()),
        clientInformation: () => stored.client,
        saveClientInformation: client => {
            stored.client = client;
        },
        tokens: () => stored.tokens,
        saveTokens: tokens => {
            stored.tokens = tokens;
        },
        codeVerifier: () => stored.verifier,
        saveCodeVerifier: verifier => {
            stored.verifier = verifier;
        },
        discoveryState: () => stored.discovery,
        saveDiscoveryState: discovery => {
            stored.discovery = discovery;
        },
        redirectToAuthorization: url => {
            say({ event: 'authorize', url: url.href });
        },
        invalidateCredentials: what => {
            if (what === 'all' || what === 'client') delete stored.client;
            if (what === 'all' || what === 'tokens') delete stored.tokens;
            if (what === 'all' || what === 'verifier') delete stored.verifier;
            if (what === 'all' || what === 'discovery') delete stored.discovery;
        }
    };
}

/** Waits for the browser and checks the state that this client sent. */
export async function answer(callback, stored) {
    const params = await callback.next();
    say({ event: 'callback', error: params.get('error'), iss: params.get('iss') });
    if (params.get('state') !== stored.state) {
        throw new Error('state does not match');
    }
    return params;
}

/** Runs commands in order until stdin ends or says `{"do":"close"}`. */
export async function serve(commands) {
    for await (const line of createInterface({ input: process.stdin })) {
        if (!line.trim()) {
            continue;
        }
        const command = JSON.parse(line);
        if (command.do === 'close') {
            break;
        }
        try {
            say({ done: command.do, result: (await commands[command.do](command)) ?? null });
        } catch (error) {
            say({
                done: command.do,
                error: { name: error?.name ?? '', code: String(error?.code ?? error?.status ?? ''), message: String(error?.message ?? error), data: error?.data ?? null }
            });
        }
    }
}

const person = { name: 'Ada', username: 'ada', email: 'ada@example.org', interpretation: 'technical' };

/** What an application answers that shows forms and has a model: what the form demands; what the model was asked. */
export const answers = {
    capabilities: { elicitation: { form: {} }, sampling: {} },
    elicited: async ({ params }) => ({
        action: 'accept',
        content: Object.fromEntries((params.requestedSchema.required ?? []).map(field => [field, person[field]]))
    }),
    sampled: async ({ params }) => ({
        role: 'assistant',
        model: 'journey',
        stopReason: 'endTurn',
        content: { type: 'text', text: `The model was asked: ${params.messages.map(message => message.content.text).join(' ')}` }
    })
};

/**
 * Commands that both SDKs know alike. Progress is taken as it arrives on the wire, under a token of the application's own:
 * the SDKs' `onprogress` forgets what comes in one piece with the result.
 */
export function features(client, reports) {
    const lines = parts => parts.map(part => part.text ?? '').join('\n');
    return {
        callWithProgress: async ({ name, arguments: args }) => {
            const progressToken = crypto.randomUUID();
            const result = await client().callTool({ name, arguments: args ?? {}, _meta: { progressToken } });
            return { ...text(result), progress: reports.filter(report => report.progressToken === progressToken).map(report => report.progress) };
        },
        readResource: async ({ uri }) => ({ text: lines((await client().readResource({ uri })).contents) }),
        getPrompt: async ({ name, arguments: args }) => ({
            text: lines((await client().getPrompt({ name, arguments: args ?? {} })).messages.map(message => message.content))
        })
    };
}

/** What a call gave: its text, and whether the tool itself called it an error. */
export function text(result) {
    return {
        isError: result.isError === true,
        text: (result.content ?? []).map(part => part.text ?? '').join('\n')
    };
}
