// How servers built on the TypeScript SDKs, v1 and v2, read a body: one JSON object a line in ({"body": base64}), one a line
// out: for each SDK what its dispatch called, with which name or URI and which arguments a handler sees, inherited ones too.
import { createInterface } from 'node:readline';
import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import * as v1 from '@modelcontextprotocol/sdk/types.js';
import { parseJSONRPCMessage, Server as ServerV2 } from '@modelcontextprotocol/server';

const CAPABILITIES = { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };
const METHODS = {
    'tools/call': v1.CallToolRequestSchema,
    'prompts/get': v1.GetPromptRequestSchema,
    'resources/read': v1.ReadResourceRequestSchema
};
const ANSWERS = {
    'tools/call': { content: [] },
    'prompts/get': { messages: [] },
    'resources/read': { contents: [] }
};

function names(object) {
    const found = [];
    for (const name in object ?? {}) {
        found.push(name);
    }
    return found;
}

async function reader(server, handle, parse) {
    let called = [];
    for (const method of Object.keys(METHODS)) {
        handle(server, method, request => {
            const { name, uri } = request.params ?? {};
            // A resource has no arguments: the SDKs leave out whatever is sent as such.
            const args = method === 'resources/read' ? {} : { arguments: names(request.params?.arguments) };
            called.push({ method: request.method, target: name ?? uri ?? '', ...args });
            return ANSWERS[method];
        });
    }
    server.fallbackRequestHandler = async request => {
        called.push({ method: request.method });
        return {};
    };
    server.fallbackNotificationHandler = async notification => {
        called.push({ method: notification.method });
    };
    const transport = { start: async () => {}, close: async () => {}, send: async () => {} };
    await server.connect(transport);
    return async text => {
        called = [];
        try {
            // Transports of 2025-03-26 take a batch apart.
            const json = JSON.parse(text);
            for (const message of (Array.isArray(json) ? json : [json]).map(parse)) {
                transport.onmessage(message);
            }
        } catch {
            return { refused: true, called: [] };
        }
        await new Promise(resolve => setImmediate(resolve));
        await new Promise(resolve => setImmediate(resolve));
        return { refused: false, called };
    };
}

const info = { name: 'readings', version: '1' };
const readers = {
    v1: await reader(
        new ServerV1(info, { capabilities: CAPABILITIES }),
        (server, method, handler) => server.setRequestHandler(METHODS[method], async request => handler(request)),
        message => v1.JSONRPCMessageSchema.parse(message)
    ),
    v2: await reader(
        new ServerV2(info, { capabilities: CAPABILITIES }),
        (server, method, handler) => server.setRequestHandler(method, async request => handler(request)),
        parseJSONRPCMessage
    )
};

for await (const line of createInterface({ input: process.stdin })) {
    const text = Buffer.from(JSON.parse(line).body, 'base64').toString('utf8');
    const read = {};
    for (const [name, reading] of Object.entries(readers)) {
        read[name] = await reading(text);
    }
    process.stdout.write(JSON.stringify(read) + '\n');
}
process.exit(0);
