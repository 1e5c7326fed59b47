// The team: who is in, who is invited, and what each may do.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading, plain, Secret, State, Tabs } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Choice, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Empty } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { Table, useRows } from "../../ui/table";
import { attempt, say } from "../../ui/toast";
import { atLeast, mayEdit, session, zone, type Role } from "../session";

type Member = Schemas["Member"];
type Invitation = Schemas["Invitation"];

const roles: readonly (readonly [Role, string])[] = [
  ["OWNER", "Owner: everything"],
  ["ADMIN", "Admin: everything but owners"],
  ["STAFF", "Staff: sees all; decides on bookings, answers reviews and disputes"],
  ["CLIENT", "Client: only what customers see"],
];
const given = (): readonly (readonly [Role, string])[] => (atLeast("OWNER") ? roles : roles.slice(1));
const mayManage = (member: Member): boolean => mayEdit() && (atLeast("OWNER") || member.role !== "OWNER");

function Invite({ onClose, onDone }: { onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ email: "", role: "STAFF" as Role });
  const link = useSignal("");
  if (link.value)
    return (
      <Dialog title="Hand over this link" onClose={onClose}>
        <Secret text={link.value} words={`This server sends no mail. Whoever opens the link within seven days joins as ${form.get("email")}.`} />
      </Dialog>
    );
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          let made: Invitation | undefined;
          await form.send(async (body) => {
            made = await ok(client.POST("/v1/provider/invitations", { body }));
          });
          if (!made) return;
          onDone();
          if (made.url) link.value = made.url;
          else {
            say(`A link is on its way to ${made.email}.`);
            onClose();
          }
        })}
      >
        <Text form={form} name="email" label="E-mail" type="email" required />
        <Choice form={form} name="role" label="Role" options={given()} />
        <Trouble form={form} shown={["email", "role"]} />
        <Send form={form} label="Invite" />
      </form>
    </Dialog>
  );
}

function Change({ member, onClose, onDone }: { member: Member; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ name: member.name, role: member.role });
  return (
    <Dialog title={member.name || member.email} onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          if (await form.send((body) => ok(client.PATCH("/v1/provider/members/{id}", { params: { path: { id: member.id } }, headers: unchanged(member), body })))) {
            say("Saved. The role holds from now on.");
            onDone();
          }
        })}
      >
        <Text form={form} name="name" label="Name" required />
        <Choice form={form} name="role" label="Role" options={given()} />
        <Trouble form={form} shown={["name", "role"]} />
        <Send form={form} label="Save" />
      </form>
    </Dialog>
  );
}

function People({ version }: { version: number }): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/members", { params: { query: { ...(cursor && { cursor }) } } })), [version]);
  const changing = useSignal<Member | null>(null);
  const deactivate = async (member: Member): Promise<void> => {
    if (!(await confirmed(`Deactivate ${member.name || member.email}?`, "They are signed out everywhere at once, and the keys they made are revoked. What they did stays.", "Deactivate"))) return;
    if (await attempt(() => ok(client.POST("/v1/provider/members/{id}/deactivate", { params: { path: { id: member.id } }, body: {} })), "Deactivated.")) await rows.load();
  };
  return (
    <>
      <Table<Member>
        caption="Members"
        rows={rows}
        idOf={({ id }) => id}
        empty={<Empty title="Nobody is in" />}
        columns={[
          {
            title: "Who",
            main: true,
            cell: ({ name, email, id }) => (
              <>
                {name || email} {id === session.value?.member.id && <span class="quiet">(you)</span>}
                <br />
                <span class="quiet">{email}</span>
              </>
            ),
          },
          { title: "Role", cell: ({ role }) => plain(role) },
          { title: "State", cell: ({ status }) => <State of={status} /> },
          { title: "Second factor", cell: ({ totpEnabled }) => (totpEnabled ? "On" : <span class="quiet">off</span>) },
          { title: "Last seen", cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} zone={zone()} /> },
          {
            title: "",
            cell: (member) =>
              mayManage(member) && (
                <Menu
                  label={`Actions for ${member.name || member.email}`}
                  actions={[
                    member.status !== "INVITED" && { label: "Change …", act: () => (changing.value = member) },
                    member.status === "ACTIVE" && { label: "Deactivate …", danger: true, act: () => void deactivate(member) },
                    member.status === "DEACTIVATED" && {
                      label: "Let back in",
                      act: () =>
                        void attempt(() => ok(client.POST("/v1/provider/members/{id}/reactivate", { params: { path: { id: member.id } }, body: {} })), "They can sign in again.").then(() => rows.load()),
                    },
                  ]}
                />
              ),
          },
        ]}
      />
      {changing.value && (
        <Change
          member={changing.value}
          onClose={() => (changing.value = null)}
          onDone={() => {
            changing.value = null;
            void rows.load();
          }}
        />
      )}
    </>
  );
}

function Invitations({ version }: { version: number }): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/invitations", { params: { query: { ...(cursor && { cursor }) } } })), [version]);
  const link = useSignal("");
  return (
    <>
      <Table<Invitation>
        caption="Invitations"
        rows={rows}
        idOf={({ id }) => id}
        empty={<Empty title="Nobody is invited" />}
        columns={[
          { title: "E-mail", main: true, cell: ({ email }) => email },
          { title: "Role", cell: ({ role }) => plain(role) },
          { title: "Link ends", cell: ({ expiresAt }) => <Ago at={expiresAt} zone={zone()} /> },
          {
            title: "",
            cell: (invitation) =>
              mayEdit() && (
                <Menu
                  label={`Actions for ${invitation.email}`}
                  actions={[
                    {
                      label: "Send again",
                      act: () =>
                        void attempt(async () => {
                          const { url } = await ok(client.POST("/v1/provider/invitations/{id}/resend", { params: { path: { id: invitation.id } }, body: {} }));
                          if (url) link.value = url;
                        }, "There is a new link; the old one is dead.").then(() => rows.load()),
                    },
                    {
                      label: "Take back …",
                      danger: true,
                      act: () =>
                        void confirmed(`Take the invitation of ${invitation.email} back?`, "The link is dead at once.", "Take it back").then(async (yes) => {
                          if (yes && (await attempt(() => ok(client.DELETE("/v1/provider/invitations/{id}", { params: { path: { id: invitation.id } } })), "Taken back."))) await rows.load();
                        }),
                    },
                  ]}
                />
              ),
          },
        ]}
      />
      {link.value && (
        <Dialog title="Hand over this link" onClose={() => (link.value = "")}>
          <Secret text={link.value} words="This server sends no mail." />
        </Dialog>
      )}
    </>
  );
}

export default function Members(): VNode {
  const inviting = useSignal(false);
  const version = useSignal(0);
  return (
    <>
      <Heading title="Team" intro="Each role gets its own slice of the portal.">
        {mayEdit() && (
          <button type="button" onClick={() => (inviting.value = true)}>
            Invite somebody
          </button>
        )}
      </Heading>
      <Tabs
        label="Team"
        tabs={[
          ["Members", () => <People version={version.value} />],
          ["Invitations", () => <Invitations version={version.value} />],
        ]}
      />
      <details>
        <summary>What roles may do</summary>
        <ul class="preview">
          {roles.map(([role, words]) => (
            <li key={role}>{words}</li>
          ))}
        </ul>
      </details>
      {inviting.value && <Invite onClose={() => (inviting.value = false)} onDone={() => version.value++} />}
    </>
  );
}
