// What the official conformance suite asks of a server of 2026-07-28, on the TypeScript SDK v2, as far as clients of older
// revisions can be served it, too.
import { completable, inputRequired, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';
const words = text => ({ type: 'text', text });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, text) => ({ type: 'resource', resource: { uri, mimeType, text } });
const pause = () => new Promise(resolve => setTimeout(resolve, 50));
const nothing = z.object({});

function plainTools(server) {
    const simple = (name, content) => server.registerTool(name, { description: name, inputSchema: nothing }, async () => ({ content }));
    simple('test_simple_text', [words('This is a simple text response for testing.')]);
    simple('test_image_content', [image]);
    simple('test_audio_content', [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }]);
    simple('test_embedded_resource', [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')]);
    simple('test_multiple_content_types', [
        words('Multiple content types test:'),
        image,
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')
    ]);
    server.registerTool('test_error_handling', { description: 'fails', inputSchema: nothing }, async () => {
        throw new Error('This tool intentionally returns an error for testing');
    });
    server.registerTool('test_tool_with_logging', { description: 'logs', inputSchema: nothing }, async (_, context) => {
        for (const text of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
            await context.mcpReq.log('info', text);
            await pause();
        }
        return { content: [words('logged three times')] };
    });
    server.registerTool('test_tool_with_progress', { description: 'reports progress', inputSchema: nothing }, async (_, context) => {
        const progressToken = context.mcpReq._meta?.progressToken;
        for (const progress of [0, 50, 100]) {
            if (progressToken !== undefined) {
                await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
            }
            await pause();
        }
        return { content: [words(String(progressToken))] };
    });
}

/** A tool that asks once, and says what it got. */
function asking(server, name, inputSchema, question, say) {
    server.registerTool(name, { description: name, inputSchema }, async (args, context) => {
        const answer = context.mcpReq.inputResponses?.asked;
        return answer ? { content: [words(say(answer))] } : inputRequired({ inputRequests: { asked: question(args) } });
    });
}

function questions(server) {
    const completed = answer => `Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`;
    const elicit = (message, properties, required = []) => inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } });
    asking(
        server,
        'test_sampling',
        z.object({ prompt: z.string() }),
        ({ prompt }) => inputRequired.createMessage({ messages: [{ role: 'user', content: words(prompt) }], maxTokens: 100 }),
        answer => `LLM response: ${answer.content.text}`
    );
    asking(
        server,
        'test_elicitation',
        z.object({ message: z.string() }),
        ({ message }) =>
            elicit(
                message,
                {
                    username: { type: 'string', description: "User's response" },
                    email: { type: 'string', description: "User's email address" }
                },
                ['username', 'email']
            ),
        answer => `User response: action: ${answer.action}, content: ${JSON.stringify(answer.content ?? {})}`
    );
    const defaults = {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true }
    };
    asking(server, 'test_elicitation_sep1034_defaults', nothing, () => elicit('Defaults', defaults), completed);
    const titled = ['First Option', 'Second Option', 'Third Option'].map((title, at) => ({ const: `value${at + 1}`, title }));
    const options = ['option1', 'option2', 'option3'];
    const choices = {
        untitledSingle: { type: 'string', enum: options },
        titledSingle: { type: 'string', oneOf: titled },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
        titledMulti: { type: 'array', items: { anyOf: titled } }
    };
    asking(server, 'test_elicitation_sep1330_enums', nothing, () => elicit('Choices', choices), completed);
}

function resources(server) {
    const read = (name, mimeType, rest) =>
        server.registerResource(name, `test://${name}`, { mimeType }, async uri => ({ contents: [{ uri: uri.href, mimeType, ...rest }] }));
    read('static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
    read('static-binary', 'image/png', { blob: PNG });
    read('watched-resource', 'text/plain', { text: 'watched' });
    server.registerResource(
        'template',
        new ResourceTemplate('test://template/{id}/data', { list: undefined }),
        { mimeType: 'application/json' },
        async (uri, { id }) => ({
            contents: [
                { uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }
            ]
        })
    );
}

function prompts(server) {
    const say = (...contents) => ({ messages: contents.map(content => ({ role: 'user', content })) });
    server.registerPrompt('test_simple_prompt', { description: 'a plain one' }, async () => say(words('This is a simple prompt for testing.')));
    server.registerPrompt(
        'test_prompt_with_arguments',
        {
            description: 'one with arguments',
            argsSchema: z.object({
                arg1: completable(z.string(), value => ['paris', 'park', 'party'].filter(each => each.startsWith(value))),
                arg2: completable(z.string(), () => [])
            })
        },
        async ({ arg1, arg2 }) => say(words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))
    );
    server.registerPrompt(
        'test_prompt_with_embedded_resource',
        { description: 'one with a resource', argsSchema: z.object({ resourceUri: z.string() }) },
        async ({ resourceUri }) =>
            say(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), words('Please process the embedded resource above.'))
    );
    server.registerPrompt('test_prompt_with_image', { description: 'one with an image' }, async () => say(image, words('Please analyze the image above.')));
}

export function complete(server) {
    plainTools(server);
    questions(server);
    resources(server);
    prompts(server);
}
