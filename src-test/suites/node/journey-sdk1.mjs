// TypeScript SDK v1; with its transport of 2024-11-05 if the address ends in /sse. Usage: node journey-sdk1.mjs SERVER_URL [CLIENT_NAME] [url: it can open pages for its person; form: it
// answers questions with the NAME that follows; all: it answers every question]
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, CreateMessageRequestSchema, ElicitRequestSchema, ProgressNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { answer, answers, callbacks, features, provider, recordingFetch, say, serve, text } from './driver.mjs';

const [serverUrl, clientName = 'Journey SDK v1', elicitation, name] = process.argv.slice(2);
const Transport = serverUrl.endsWith('/sse') ? SSEClientTransport : StreamableHTTPClientTransport;
const traffic = [];
const reports = [];
const fetch = recordingFetch(traffic);
const callback = await callbacks();
const oauth = provider(callback, { clientName });
let client;
let transport;

function capabilities() {
    if (elicitation === 'all') {
        return answers.capabilities;
    }
    return elicitation ? { elicitation: { [elicitation]: {} } } : {};
}

/** Connects; with a scope, asks for that first, as an application does that wants more than the default. */
async function connect({ scope } = {}) {
    if (scope) {
        await authorize(scope);
    }
    for (let attempt = 0; ; attempt++) {
        client = new Client({ name: clientName, version: '1.0.0' }, { capabilities: capabilities() });
        client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => void reports.push(params));
        if (elicitation === 'all') {
            client.setRequestHandler(ElicitRequestSchema, answers.elicited);
            client.setRequestHandler(CreateMessageRequestSchema, answers.sampled);
        }
        if (name) {
            client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { name } }));
        }
        transport = new Transport(new URL(serverUrl), { authProvider: oauth, fetch });
        transport.onerror = () => {};
        try {
            await client.connect(transport);
            return { server: client.getServerVersion()?.name, scope: oauth.stored.tokens?.scope };
        } catch (error) {
            if (!(error instanceof UnauthorizedError) || attempt > 0) {
                throw error;
            }
            await finish();
        }
    }
}

/** Asks for a scope before any request to the server. */
async function authorize(scope) {
    transport = new Transport(new URL(serverUrl), { authProvider: oauth, fetch });
    if ((await auth(oauth, { serverUrl, scope, fetchFn: fetch })) !== 'AUTHORIZED') {
        await finish();
    }
}

/** The browser's answer becomes tokens; an error in it ends the flow. */
async function finish() {
    const params = await answer(callback, oauth.stored);
    if (params.get('error')) {
        throw Object.assign(new Error(params.get('error_description') ?? ''), { code: params.get('error') });
    }
    await transport.finishAuth(params.get('code'));
}

/** A call that the client wants to be a task: what it was told of the task, and what came of it. */
async function callAsTask({ name, arguments: args }) {
    const states = [];
    const stream = client.experimental.tasks.callToolStream({ name, arguments: args ?? {} }, CallToolResultSchema, { task: { ttl: 60000 } });
    for await (const message of stream) {
        switch (message.type) {
            case 'result':
                return { ...text(message.result), kind: states.length ? 'task' : 'immediate', states };
            case 'error':
                throw message.error;
            default:
                states.push(message.task.status);
        }
    }
}

await serve({
    callAsTask,
    ...features(() => client, reports),
    connect,
    listTools: async () => (await client.listTools()).tools.map(tool => tool.name),
    callTool: async ({ name, arguments: args }) => text(await client.callTool({ name, arguments: args ?? {} })),
    // The access token is worth nothing any more, as after it has expired: the next request must refresh it.
    expire: () => {
        oauth.stored.tokens = { ...oauth.stored.tokens, access_token: 'expired' };
    },
    // As after a restart from an old backup: the client holds tokens that it has already replaced.
    restore: ({ tokens }) => {
        oauth.stored.tokens = { ...tokens, access_token: 'expired' };
    },
    // Forgets the session, connects anew, and authorizes again if the SDK wants to.
    reconnect: async () => {
        await client.close().catch(() => {});
        return connect();
    },
    tokens: () => oauth.stored.tokens ?? null,
    clientInformation: () => oauth.stored.client ?? null,
    // What an application does when a user chooses "reconnect": forget the tokens, ask for these scopes.
    reauthorize: async ({ scope }) => {
        delete oauth.stored.tokens;
        await client.close();
        return connect({ scope });
    },
    // Over Streamable HTTP each request says it.
    revision: () => traffic.findLast(entry => entry.requestHeaders['mcp-protocol-version'])?.requestHeaders['mcp-protocol-version'] ?? null,
    traffic: () => traffic
});
await client?.close();
callback.close();
say({ event: 'closed' });
process.exit(0);
