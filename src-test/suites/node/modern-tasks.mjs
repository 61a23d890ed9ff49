// A tool of modern-server.mjs that runs as a task for clients that know them (extension io.modelcontextprotocol/tasks), and
// then asks in the middle.
import { ProtocolError } from '@modelcontextprotocol/server';
import { z } from 'zod';

const EXTENSION = 'io.modelcontextprotocol/tasks';

/** All that were begun here; each request has a server of its own. */
const tasks = new Map();

export const capability = { extensions: { [EXTENSION]: {} } };

const question = {
    method: 'elicitation/create',
    params: {
        mode: 'form',
        message: 'Who wants to know?',
        requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
    }
};

/** A task as it is seen: the first look finds it working, the next one with a question, or done when that was answered. */
const seen = task => {
    if (task.status === 'working' && task.looks++ > 0) {
        task.status = task.name ? 'completed' : 'input_required';
    }
    const { name, looks, ...state } = task;
    switch (state.status) {
        case 'input_required':
            return { ...state, inputRequests: { who: question } };
        case 'completed':
            return { ...state, result: { resultType: 'complete', ...found(name) } };
        default:
            return state;
    }
};

const found = name => ({ content: [{ type: 'text', text: `Found for ${name}` }] });

export function taskTool(server) {
    server.registerTool('research', { inputSchema: z.object({}) }, async (_, context) => {
        const declared = context.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities']?.extensions?.[EXTENSION];
        if (!declared) {
            return found('anybody');
        }
        const now = new Date().toISOString();
        const task = { taskId: crypto.randomUUID(), status: 'working', createdAt: now, lastUpdatedAt: now, ttlMs: 60000, pollIntervalMs: 100 };
        tasks.set(task.taskId, { ...task, looks: 0 });
        return { resultType: 'task', ...task };
    });
    const about = (method, answer) =>
        server.server.setRequestHandler(method, { params: z.looseObject({ taskId: z.string() }) }, async (params, context) => {
            const task = tasks.get(params.taskId);
            if (!task) {
                throw new ProtocolError(-32602, 'No such task');
            }
            return answer(task, context) ?? {};
        });
    about('tasks/get', seen);
    about('tasks/update', (task, context) => {
        const who = context.mcpReq.inputResponses?.who;
        if (who) {
            Object.assign(task, { name: who.content?.name ?? 'nobody', status: 'working', looks: 0 });
        }
    });
    about('tasks/cancel', task => void (task.status = 'cancelled'));
}
