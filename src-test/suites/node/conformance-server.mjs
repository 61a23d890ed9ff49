// An MCP server of revision 2025-11-25 on the TypeScript SDK v1 that has what the official conformance suite asks for:
// streams that stay open while the server asks the client, progress, logging, streams closed in mid-call and resumed,
// sessions. It is there to be put behind the proxy. Usage: PORT=n node conformance-server.mjs for Streamable HTTP,
// PORT=n node conformance-server.mjs sse for HTTP+SSE, node conformance-server.mjs stdio.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
    CreateMessageResultSchema,
    ElicitResultSchema,
    ErrorCode,
    ListRootsResultSchema,
    ListToolsRequestSchema,
    McpError,
    SubscribeRequestSchema,
    UnsubscribeRequestSchema
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';
const port = Number(process.env.PORT);
const words = text => ({ type: 'text', text });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const pause = () => new Promise(resolve => setTimeout(resolve, 50));

// Keywords that something between may lose when it reads and writes a list of tools.
const schemaTool = {
    name: 'json_schema_2020_12_tool',
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
        properties: {
            name: { type: 'string' },
            address: { $ref: '#/$defs/address' },
            contactMethod: { type: 'string', enum: ['phone', 'email'] },
            phone: { type: 'string' },
            email: { type: 'string' }
        },
        allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
        if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
        then: { required: ['phone'] },
        else: { required: ['email'] },
        additionalProperties: false
    }
};

/** Keeps the events of all streams, so that a client can come back for what it missed. */
class Events {
    #events = [];

    async storeEvent(streamId, message) {
        this.#events.push({ streamId, message });
        return `${streamId}_${this.#events.length - 1}`;
    }

    async getStreamIdForEventId(eventId) {
        return this.#events[Number(eventId.split('_').at(-1))]?.streamId;
    }

    async replayEventsAfter(eventId, { send }) {
        const last = Number(eventId.split('_').at(-1));
        const streamId = this.#events[last]?.streamId ?? '';
        for (let at = last + 1; at < this.#events.length; at++) {
            const event = this.#events[at];
            if (event.streamId === streamId && Object.keys(event.message).length > 0) {
                await send(`${streamId}_${at}`, event.message);
            }
        }
        return streamId;
    }
}

function tools(server) {
    const simple = (name, content) => server.registerTool(name, { description: name }, async () => ({ content }));
    simple('test_simple_text', [words('This is a simple text response for testing.')]);
    simple('test_image_content', [image]);
    simple('test_audio_content', [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }]);
    simple('test_embedded_resource', [
        { type: 'resource', resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' } }
    ]);
    simple('test_multiple_content_types', [
        words('Multiple content types test:'),
        image,
        { type: 'resource', resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' } }
    ]);
    server.registerTool('test_error_handling', { description: 'fails' }, async () => {
        throw new Error('This tool intentionally returns an error for testing');
    });
    server.registerTool('test_tool_with_logging', { description: 'logs' }, async extra => {
        for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
            await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
            await pause();
        }
        return { content: [words('logged three times')] };
    });
    server.registerTool('test_tool_with_progress', { description: 'reports progress' }, async extra => {
        const progressToken = extra._meta?.progressToken;
        for (const progress of [0, 50, 100]) {
            if (progressToken !== undefined) {
                await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
            }
            await pause();
        }
        return { content: [words(String(progressToken))] };
    });
    server.registerTool('test_reconnection', { description: 'closes its stream before it answers' }, async extra => {
        extra.closeSSEStream?.();
        await pause();
        await pause();
        return { content: [words('Reconnection test completed successfully.')] };
    });
}

/** Adds a tool whose schema is given as it is, which the SDK's own registration cannot. */
function exactSchema(server) {
    const list = server.server._requestHandlers.get('tools/list');
    server.server.setRequestHandler(ListToolsRequestSchema, async (request, extra) => {
        const result = await list(request, extra);
        return { ...result, tools: [...result.tools, schemaTool] };
    });
}

function questions(server) {
    const elicit = (extra, message, requestedSchema) =>
        extra.sendRequest({ method: 'elicitation/create', params: { message, requestedSchema } }, ElicitResultSchema);
    const completed = result => ({ content: [words(`Elicitation completed: action=${result.action}, content=${JSON.stringify(result.content ?? {})}`)] });
    server.registerTool('test_sampling', { description: 'asks the model', inputSchema: { prompt: z.string() } }, async ({ prompt }, extra) => {
        const answer = await extra.sendRequest(
            { method: 'sampling/createMessage', params: { messages: [{ role: 'user', content: words(prompt) }], maxTokens: 100 } },
            CreateMessageResultSchema
        );
        return { content: [words(`LLM response: ${answer.content.text}`)] };
    });
    server.registerTool('test_elicitation', { description: 'asks the user', inputSchema: { message: z.string() } }, async ({ message }, extra) => {
        const result = await elicit(extra, message, {
            type: 'object',
            properties: {
                username: { type: 'string', description: "User's response" },
                email: { type: 'string', description: "User's email address" }
            },
            required: ['username', 'email']
        });
        return { content: [words(`User response: action: ${result.action}, content: ${JSON.stringify(result.content ?? {})}`)] };
    });
    server.registerTool('test_elicitation_sep1034_defaults', { description: 'offers defaults' }, async extra =>
        completed(
            await elicit(extra, 'Defaults', {
                type: 'object',
                properties: {
                    name: { type: 'string', default: 'John Doe' },
                    age: { type: 'integer', default: 30 },
                    score: { type: 'number', default: 95.5 },
                    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
                    verified: { type: 'boolean', default: true }
                },
                required: []
            })
        )
    );
    const titled = values => values.map(([value, title]) => ({ const: value, title }));
    const titles = [
        ['value1', 'First Option'],
        ['value2', 'Second Option'],
        ['value3', 'Third Option']
    ];
    server.registerTool('test_elicitation_sep1330_enums', { description: 'offers choices' }, async extra =>
        completed(
            await elicit(extra, 'Choices', {
                type: 'object',
                properties: {
                    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
                    titledSingle: { type: 'string', oneOf: titled(titles) },
                    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
                    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
                    titledMulti: { type: 'array', items: { anyOf: titled(titles) } }
                },
                required: []
            })
        )
    );
}

/** What the suite of 2026-07-28 asks for as rounds of a request, as a server of before asks it. */
function rounds(server) {
    const one = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const elicit = async extra => {
        const answer = await extra.sendRequest({ method: 'elicitation/create', params: { message: 'Who?', requestedSchema: one } }, ElicitResultSchema);
        return answer.content?.name ?? answer.action;
    };
    const sample = async extra => {
        const params = { messages: [{ role: 'user', content: words('Say something.') }], maxTokens: 50 };
        const answer = await extra.sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema);
        return answer.content.text;
    };
    const roots = async extra => JSON.stringify((await extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema)).roots);
    const asking = (name, ask) =>
        server.registerTool(`test_input_required_result_${name}`, { description: name }, async extra => ({ content: [words(await ask(extra))] }));
    asking('elicitation', elicit);
    asking('request_state', elicit);
    asking('tampered_state', elicit);
    asking('sampling', sample);
    asking('capabilities', sample);
    asking('list_roots', roots);
    asking('multi_round', async extra => `${await elicit(extra)} ${await elicit(extra)}`);
    server.registerPrompt('test_input_required_result_prompt', { description: 'asks first' }, async extra => ({
        messages: [{ role: 'user', content: words(await elicit(extra)) }]
    }));
}

function resources(server) {
    const read = (uri, rest) => ({ contents: [{ uri, ...rest }] });
    const plain = 'This is the content of the static text resource.';
    server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain' }, async uri =>
        read(uri.href, { mimeType: 'text/plain', text: plain })
    );
    server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, async uri =>
        read(uri.href, { mimeType: 'image/png', blob: PNG })
    );
    server.registerResource('watched-resource', 'test://watched-resource', { mimeType: 'text/plain' }, async uri =>
        read(uri.href, { mimeType: 'text/plain', text: 'watched' })
    );
    server.registerResource(
        'template',
        new ResourceTemplate('test://template/{id}/data', { list: undefined }),
        { mimeType: 'application/json' },
        async (uri, { id }) =>
            read(uri.href, { mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) })
    );
    server.server.setRequestHandler(SubscribeRequestSchema, async () => ({}));
    server.server.setRequestHandler(UnsubscribeRequestSchema, async () => ({}));
}

function prompts(server) {
    const user = content => ({ role: 'user', content });
    const say = (...contents) => ({ messages: contents.map(user) });
    server.registerPrompt('test_simple_prompt', { description: 'a plain one' }, async () => say(words('This is a simple prompt for testing.')));
    server.registerPrompt(
        'test_prompt_with_arguments',
        {
            description: 'one with arguments',
            argsSchema: {
                arg1: completable(z.string(), value => ['paris', 'park', 'party'].filter(each => each.startsWith(value))),
                arg2: completable(z.string(), () => [])
            }
        },
        async ({ arg1, arg2 }) => say(words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))
    );
    server.registerPrompt('test_prompt_with_embedded_resource', { description: 'one with a resource', argsSchema: { resourceUri: z.string() } }, async ({ resourceUri }) =>
        say(
            { type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } },
            words('Please process the embedded resource above.')
        )
    );
    server.registerPrompt('test_prompt_with_image', { description: 'one with an image' }, async () => say(image, words('Please analyze the image above.')));
}

function server() {
    const server = new McpServer(
        { name: 'conformance', version: '1.0.0' },
        { capabilities: { logging: {}, resources: { subscribe: true, listChanged: true }, tools: { listChanged: true }, prompts: { listChanged: true } } }
    );
    tools(server);
    questions(server);
    rounds(server);
    exactSchema(server);
    resources(server);
    prompts(server);
    return server;
}

const sessions = new Map();

async function open() {
    const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        eventStore: new Events(),
        retryInterval: 100,
        enableDnsRebindingProtection: true,
        allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
        allowedOrigins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
        onsessioninitialized: id => {
            sessions.set(id, transport);
        },
        onsessionclosed: id => {
            sessions.delete(id);
        }
    });
    await server().connect(transport);
    return transport;
}

async function answer(request, response) {
    if (new URL(request.url, 'http://localhost').pathname !== '/mcp') {
        response.writeHead(404).end();
        return;
    }
    const id = request.headers['mcp-session-id'];
    const transport = id ? sessions.get(id) : await open();
    if (transport) {
        await transport.handleRequest(request, response);
    } else {
        const error = { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } };
        response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(error));
    }
}

/** HTTP+SSE, the transport of 2024-11-05. */
async function answerOverSse(request, response) {
    const url = new URL(request.url, 'http://localhost');
    if (request.method === 'GET') {
        const transport = new SSEServerTransport('/messages', response);
        sessions.set(transport.sessionId, transport);
        response.on('close', () => sessions.delete(transport.sessionId));
        await server().connect(transport);
        return;
    }
    const transport = sessions.get(url.searchParams.get('sessionId'));
    if (transport) {
        await transport.handlePostMessage(request, response);
    } else {
        response.writeHead(404).end();
    }
}

const way = process.argv[2];
if (way === 'stdio') {
    await server().connect(new StdioServerTransport());
} else {
    const serve = way === 'sse' ? answerOverSse : answer;
    createServer((request, response) => {
        serve(request, response).catch(error => {
            const code = error instanceof McpError ? error.code : ErrorCode.InternalError;
            if (!response.headersSent) {
                response.writeHead(500, { 'content-type': 'application/json' });
            }
            response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message: String(error) } }));
        });
    }).listen(port, '127.0.0.1');
}
