// mcp-remote, started as a desktop application starts it: a stdio MCP server. Usage:
// node journey-mcp-remote.mjs SERVER_URL STORE_FOLDER [more mcp-remote arguments]
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ProgressNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { answers, features, say, serve, text } from './driver.mjs';

const [serverUrl, store, ...more] = process.argv.slice(2);
const remote = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist', 'proxy.js');
let client;
let revision;
const log = [];
const reports = [];

async function connect() {
    const transport = new StdioClientTransport({
        command: process.execPath,
        args: [remote, serverUrl, ...more],
        env: { ...process.env, MCP_REMOTE_CONFIG_DIR: store, BROWSER: 'true' },
        stderr: 'pipe'
    });
    transport.setProtocolVersion = version => (revision = version);
    let authorizeNext = false;
    createInterface({ input: transport.stderr }).on('line', line => {
        log.push(line);
        if (authorizeNext && line.startsWith('http')) {
            say({ event: 'authorize', url: line.trim() });
        }
        authorizeNext = line.includes('Please authorize this client by visiting');
    });
    client = new Client({ name: 'Journey mcp-remote', version: '1.0.0' }, { capabilities: answers.capabilities });
    client.setRequestHandler(ElicitRequestSchema, answers.elicited);
    client.setRequestHandler(CreateMessageRequestSchema, answers.sampled);
    client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => void reports.push(params));
    try {
        await client.connect(transport, { timeout: 60_000 });
    } catch (error) {
        throw new Error(`${error.message}\n${log.join('\n')}`, { cause: error });
    }
    return { server: client.getServerVersion()?.name };
}

/** The files in which mcp-remote keeps what it has been given, by the end of their names. */
async function stored(ending) {
    const names = (await readdir(store, { recursive: true })).filter(name => name.endsWith(ending));
    return Promise.all(names.map(async name => ({ file: join(store, name), value: JSON.parse(await readFile(join(store, name), 'utf8')) })));
}

await serve({
    ...features(() => client, reports),
    connect,
    // The next day: the application has been closed and starts mcp-remote anew, with what it stored.
    restart: async () => {
        await client.close();
        return connect();
    },
    listTools: async () => (await client.listTools()).tools.map(tool => tool.name),
    callTool: async ({ name, arguments: args }) => text(await client.callTool({ name, arguments: args ?? {} })),
    expire: async () => {
        for (const { file, value } of await stored('tokens.json')) {
            await writeFile(file, JSON.stringify({ ...value, access_token: 'expired' }));
        }
    },
    tokens: async () => (await stored('tokens.json'))[0]?.value ?? null,
    clientInformation: async () => (await stored('client_info.json'))[0]?.value ?? null,
    revision: () => revision ?? null,
    traffic: () => log
});
await client?.close();
say({ event: 'closed' });
process.exit(0);
