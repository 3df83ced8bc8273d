// The other side of the comparison: rooms, an acknowledgement, nothing stored.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { Server } from "socket.io";

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));
const server = createServer({ cert, key });
const io = new Server(server, { transports: ["websocket"], serveClient: false });
const heads = new Map();

io.on("connection", (socket) => {
  const { room } = socket.handshake.auth;
  socket.join(room);
  socket.on("message", (body, confirm) => {
    const seq = (heads.get(room) ?? 0) + 1;
    heads.set(room, seq);
    const time = Date.now();
    confirm({ seq, time });
    io.to(room).emit("message", { room, seq, time, sender: socket.id, body });
  });
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
