// An MCP server of revision 2026-07-28 and no other, on the TypeScript SDK v2. It is there to be put behind the proxy, for
// clients of older revisions. Usage: PORT=n node modern-server.mjs, with "complete" for what the conformance suite asks for,
// "plain" beside it for its own tools as well, "tasks" for one that runs as a task, and with "stdio" for a command instead of a server
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { acceptedContent, createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { complete } from './modern-complete.mjs';
import { capability, taskTool } from './modern-tasks.mjs';

const words = text => ({ content: [{ type: 'text', text }] });

const made = () => {
    const server = new McpServer(
        { name: 'modern-only', version: '1.0.0' },
        { instructions: 'Speak 2026-07-28.', capabilities: { logging: {}, resources: { subscribe: true, listChanged: true }, ...(process.argv.includes('tasks') ? capability : {}) } }
    );
    if (process.argv.includes('complete')) {
        complete(server);
        if (!process.argv.includes('plain')) {
            return server;
        }
    }
    if (process.argv.includes('tasks')) {
        taskTool(server);
    }
    server.registerTool('echo', { inputSchema: z.object({ message: z.string() }) }, async ({ message }) => words(`Echo: ${message}`));
    server.registerTool('get-sum', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, async ({ a, b }) => words(`${a + b}`));
    server.registerTool('greet', { inputSchema: z.object({}) }, async (_, context) => {
        const who = acceptedContent(context.mcpReq.inputResponses, 'who', z.object({ name: z.string() }));
        return who
            ? words(`Hello ${who.name}`)
            : inputRequired({
                  inputRequests: {
                      who: inputRequired.elicit({ message: 'Who are you?', requestedSchema: z.object({ name: z.string() }) })
                  }
              });
    });
    return server;
};

const handler = createMcpHandler(made, { legacy: 'reject' });

const overHttp = () => createServer(async (request, response) => {
    const body = request.method === 'POST' ? Readable.toWeb(request) : undefined;
    const answer = await handler.fetch(
        new Request(`http://127.0.0.1${request.url}`, { method: request.method, headers: request.headers, body, duplex: 'half' })
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body) {
        Readable.fromWeb(answer.body)
            .on('error', () => response.destroy())
            .pipe(response);
    } else {
        response.end();
    }
}).listen(Number(process.env.PORT), '127.0.0.1');

if (process.argv.includes('stdio')) {
    serveStdio(made, { legacy: 'reject' });
} else {
    overHttp();
}
