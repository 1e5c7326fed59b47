// A server of a test's own: a data folder that goes with it, a free port, the demo, and tenants as wanted.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = process.env.ORKESTR_SERVER;

/**
 * Starts the server with the demo.
 * @param tenants {subdomain: {name, flags}} made before it starts; each is called by `server.as(subdomain)`
 */
export async function startServer({ tenants = {}, flags = [] } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'orkestr-web-'));
  const keys = {};
  for (const [subdomain, { name, flags: of = [] }] of Object.entries(tenants)) {
    const made = execFileSync(binary, ['create-tenant', '--data', data, '--name', name, '--subdomain', subdomain, ...of], { encoding: 'utf8' });
    keys[subdomain] = made.match(/ork_\S+/)[0];
  }
  const child = spawn(
    binary,
    ['--demo', '--dev', '--json', '--port', '0', '--rate-limit', '1000000', '--visitor-rate-limit', '1000000', '--log-level', 'warn',
      '--data', data, ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const handles = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
      if (text.includes('\n')) resolve(JSON.parse(text.split('\n')[0]));
    });
    void ended.then(({ code }) => reject(new Error(`the server did not start: exit code ${code}`)));
  });
  const port = new URL(handles.baseUrl).port;
  const server = {
    ...handles,
    port,
    data,
    keys,
    /** The storefront of a tenant. */
    at: (subdomain, path = '/') => `http://${subdomain}.localhost:${port}${path}`,
    /** Calls the API; throws unless it answers with 2xx. `token` null calls as a visitor. */
    call: async (method, path, body, token = handles.adminKey) => {
      const { status, answer } = await server.ask(method, path, body, token);
      if (status >= 300) throw new Error(`${method} ${path} → ${status} ${JSON.stringify(answer)}`);
      return answer;
    },
    /** The same, for those who want to see a refusal. */
    ask: async (method, path, body, token = handles.adminKey) => {
      const response = await fetch(handles.baseUrl + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, answer: text ? JSON.parse(text) : null };
    },
    /** The API as the admin of a tenant. */
    as: (subdomain) => (method, path, body) => server.call(method, path, body, subdomain === 'atlas' ? handles.adminKey : keys[subdomain]),
    stop: async () => {
      child.kill('SIGTERM');
      const { code, signal } = await ended;
      rmSync(data, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the server stopped with ${code ?? signal}`);
    },
  };
  return server;
}

/** Asks again until the answer is truthy. A page that is just giving way to the next has no answer. */
export async function comesTo(what, ask, seconds = 60) {
  for (const until = Date.now() + seconds * 1000; ;) {
    const answer = await Promise.resolve().then(ask).catch((error) => {
      if (!/Execution context was destroyed|interrupted by another navigation|Not attached to an active page/.test(error.message)) throw error;
    });
    if (answer) return answer;
    if (Date.now() > until) throw new Error(`it did not come to pass: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
