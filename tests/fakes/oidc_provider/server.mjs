// oidc-provider, which others wrote, on loopback. People sign in under any name; its own
// pages for development ask for login and consent. CLIENT is a client's metadata in JSON.
// PUT /people/<name> says other claims of somebody.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const server = createServer();
const said = new Map();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [JSON.parse(process.env.CLIENT)],
  claims: {
    email: ["email", "email_verified"],
    profile: ["given_name", "family_name", "groups"],
  },
  cookies: { keys: ["for the tests only"] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: async () => ({
      sub,
      given_name: sub.charAt(0).toUpperCase() + sub.slice(1),
      family_name: "Lee",
      email: `${sub}@node.example`,
      email_verified: true,
      groups: ["Sales"],
      ...said.get(sub),
    }),
  }),
});
const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.method !== "PUT") return answer(request, response);
  const parts = await request.toArray();
  said.set(request.url.split("/").pop(), JSON.parse(Buffer.concat(parts)));
  response.writeHead(204).end();
});
console.log(`listening at ${issuer}`);
