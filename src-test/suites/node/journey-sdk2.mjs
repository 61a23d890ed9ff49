// TypeScript SDK v2. Usage: node journey-sdk2.mjs SERVER_URL [CLIENT_NAME] [legacy|auto|2026-07-28] [url: it can open pages; all: it answers
// every question but those]
import { createTaskSessionFromClient, resultFromTaskOutcome, toolDeclarationFromMcpTool } from '@modelcontextprotocol/ext-tasks/client';
import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { answer, answers, callbacks, features, provider, recordingFetch, say, serve, text } from './driver.mjs';

const [serverUrl, clientName = 'Journey SDK v2', era = 'legacy', elicitation] = process.argv.slice(2);
const traffic = [];
const reports = [];
const fetch = recordingFetch(traffic);
const callback = await callbacks();
const oauth = provider(callback, { clientName });
let client;
let transport;

function negotiation() {
    switch (era) {
        case 'legacy':
            return {};
        case 'auto':
            return { versionNegotiation: { mode: 'auto' } };
        default:
            return { versionNegotiation: { mode: { pin: era } } };
    }
}

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
        client = new Client({ name: clientName, version: '1.0.0' }, { capabilities: capabilities(), ...negotiation() });
        client.setNotificationHandler('notifications/progress', ({ params }) => void reports.push(params));
        if (elicitation === 'all') {
            client.setRequestHandler('elicitation/create', answers.elicited);
            client.setRequestHandler('sampling/createMessage', answers.sampled);
        }
        if (elicitation === 'url') {
            client.setRequestHandler('elicitation/create', openPage);
        }
        transport = new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider: oauth, fetch });
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

/** Shows the person a page that the server named, and goes on when whoever plays the person says so at `back`. */
async function openPage({ params }) {
    say({ event: 'open', mode: params.mode, url: params.url, message: params.message, back: callback.redirectUrl });
    return { action: (await callback.next()).get('action') ?? 'accept' };
}

/** Asks for a scope before any request to the server. */
async function authorize(scope) {
    transport = new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider: oauth, fetch });
    if ((await auth(oauth, { serverUrl, scope, fetchFn: fetch })) !== 'AUTHORIZED') {
        await finish();
    }
}

async function finish() {
    await transport.finishAuth(await answer(callback, oauth.stored));
}

/** A call; when it needs more than was granted the SDK asks for the union by itself, and the call is made again. */
async function callTool({ name, arguments: args }) {
    const call = () => client.callTool({ name, arguments: args ?? {} });
    try {
        return text(await call());
    } catch (error) {
        if (!(error instanceof UnauthorizedError)) {
            throw error;
        }
        await finish();
        return text(await call());
    }
}

/** A request of revision 2026-07-28 as it stands: the SDK itself knows no tasks. */
async function dispatch(request) {
    const id = crypto.randomUUID();
    const response = await fetch(serverUrl, {
        method: 'POST',
        headers: {
            authorization: `Bearer ${oauth.stored.tokens.access_token}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': era,
            'mcp-method': request.method,
            'mcp-name': request.params.name ?? request.params.taskId
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, ...request })
    });
    const body = await response.text();
    const stream = response.headers.get('content-type')?.startsWith('text/event-stream');
    const messages = stream ? body.split('\n').flatMap(line => (line.startsWith('data:') ? [line.slice(5)] : [])) : [body];
    const answer = messages.map(JSON.parse).find(message => message.id === id);
    return 'error' in answer ? { kind: 'error', error: answer.error } : { kind: 'result', result: answer.result };
}

/** A call in revision 2026-07-28 as the official client for its tasks makes it: what it was told of the task, and what came of it. */
async function callAsTask({ name, arguments: args }) {
    const framing = { protocolVersion: era, clientInfo: { name: clientName, version: '1.0.0' }, clientCapabilities: capabilities() };
    const tools = (await client.listTools()).tools;
    const session = createTaskSessionFromClient(client, {
        endpointId: 'journey',
        rawDispatch: dispatch,
        v2RequestFraming: framing,
        onInputRequest: answers.elicited
    });
    try {
        const tool = tools.find(each => each.name === name);
        const execution = await session.callTool(name, args ?? {}, { declaration: toolDeclarationFromMcpTool(tool), task: { preference: 'prefer' } });
        const states = [];
        const { outcome } = await execution.settle({ onEvent: event => void (event.type === 'task' && states.push(event.task.status)) });
        return { ...text(resultFromTaskOutcome(outcome)), kind: execution.kind, states };
    } finally {
        await session.close();
    }
}

await serve({
    callAsTask,
    ...features(() => client, reports),
    connect,
    callTool,
    listTools: async () => (await client.listTools()).tools.map(tool => tool.name),
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
    reauthorize: async ({ scope }) => {
        delete oauth.stored.tokens;
        await client.close();
        return connect({ scope });
    },
    revision: () => client.getNegotiatedProtocolVersion() ?? null,
    traffic: () => traffic
});
await client?.close();
callback.close();
say({ event: 'closed' });
process.exit(0);
