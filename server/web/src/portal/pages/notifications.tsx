// What the bell has rung for.

import type { VNode } from "preact";

import { Heading } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Empty } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Table, useRows } from "../../ui/table";
import { attempt } from "../../ui/toast";
import { zone } from "../session";
import { countUnread } from "../shell";

export default function Notifications(): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/notifications", { params: { query: { ...(cursor && { cursor }) } } })));
  const readAll = async (): Promise<void> => {
    if (await attempt(() => ok(client.POST("/v1/provider/notifications/read", { body: {} })))) await Promise.all([rows.load(), countUnread()]);
  };
  return (
    <>
      <Heading title="Notifications">
        <button type="button" class="second" onClick={() => void readAll()}>
          Mark all as read
        </button>
      </Heading>
      <Table<Schemas["Notification"]>
        caption="Notifications"
        rows={rows}
        idOf={({ id }) => id}
        empty={<Empty title="Nothing has happened yet" />}
        columns={[
          {
            title: "What",
            main: true,
            cell: ({ id, title, link, readAt }) => (
              <a
                href={link.startsWith("/provider") ? link : "/provider"}
                class={readAt ? "" : "unread"}
                onClick={() => void ok(client.POST("/v1/provider/notifications/{id}/read", { params: { path: { id } }, body: {} })).then(countUnread, () => undefined)}
              >
                {title}
                {!readAt && <span class="sr"> (unread)</span>}
              </a>
            ),
          },
          { title: "When", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
        ]}
      />
    </>
  );
}
