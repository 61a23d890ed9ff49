// MCP Inspector's command line, one process a command. Usage: node journey-inspector.mjs SERVER_URL STORE_FOLDER
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { say, serve, text } from './driver.mjs';

const [serverUrl, store] = process.argv.slice(2);
const inspector = join(
    dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json')),
    'clients/cli/build/index.js'
);
const port = await freePort();
const log = [];

function freePort() {
    return new Promise(resolve => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** Runs the inspector to its end; it prints one JSON document. */
async function run(...args) {
    const child = spawn(
        process.execPath,
        [inspector, '--server-url', serverUrl, '--transport', 'http', '--format', 'json', '--callback-url', `http://127.0.0.1:${port}/oauth/callback`, ...args],
        {
            env: {
                ...process.env,
                HOME: store,
                MCP_STORAGE_DIR: store,
                MCP_INSPECTOR_SECRET_STORE: 'file',
                MCP_INSPECTOR_OAUTH_STATE_PATH: join(store, 'oauth.json'),
                MCP_AUTO_OPEN_ENABLED: 'true',
                BROWSER: 'true'
            },
            stdio: ['ignore', 'pipe', 'pipe']
        }
    );
    createInterface({ input: child.stderr }).on('line', line => {
        log.push(line);
        const url = /Please navigate to: .*?(https?:\/\/[^\s\u001b\u0007]+)/.exec(line);
        if (url) {
            say({ event: 'authorize', url: url[1] });
        }
    });
    let out = '';
    child.stdout.on('data', part => (out += part));
    const code = await new Promise(resolve => child.on('close', resolve));
    if (code !== 0) {
        throw Object.assign(new Error(`${out}\n${log.join('\n')}`), { code });
    }
    return JSON.parse(out).result ?? {};
}

async function stateFiles() {
    const names = (await readdir(store, { recursive: true })).filter(name => name.endsWith('.json'));
    return Promise.all(names.map(async name => ({ file: join(store, name), value: JSON.parse(await readFile(join(store, name), 'utf8')) })));
}

/** Finds the tokens wherever the inspector keeps them in its state. */
function tokensIn(value) {
    if (value && typeof value === 'object') {
        if (typeof value.access_token === 'string') {
            return value;
        }
        for (const inner of Object.values(value)) {
            const found = tokensIn(inner);
            if (found) {
                return found;
            }
        }
    }
    return undefined;
}

await serve({
    connect: async () => ({ tools: ((await run('--method', 'tools/list')).tools ?? []).length }),
    listTools: async () => ((await run('--method', 'tools/list')).tools ?? []).map(tool => tool.name),
    callTool: async ({ name, arguments: args }) =>
        text(
            await run(
                '--method',
                'tools/call',
                '--tool-name',
                name,
                ...Object.entries(args ?? {}).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`])
            )
        ),
    expire: async () => {
        for (const { file, value } of await stateFiles()) {
            const tokens = tokensIn(value);
            if (tokens) {
                tokens.access_token = 'expired';
                await writeFile(file, JSON.stringify(value));
            }
        }
    },
    tokens: async () => (await stateFiles()).map(({ value }) => tokensIn(value)).find(Boolean) ?? null,
    traffic: () => log
});
say({ event: 'closed' });
process.exit(0);
