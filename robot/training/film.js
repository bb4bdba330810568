// Draws the pictures of a film and encodes them (WebCodecs), in a page that nothing else is on. Gives back what a file is
// made of, in base64.
({ width, height, band, banner }) => {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { alpha: false });
  const high = height - band;
  const CODECS = [["vp09.00.31.08", "V_VP9"], ["vp09.00.10.08", "V_VP9"], ["vp8", "V_VP8"]];
  const FONT = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
  let chunks = [];
  let encoder = null;
  let failure = "";
  let last = 0;

  const base64 = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
  };
  const keep = (chunk) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    chunks.push({ data: base64(bytes), at: Math.round(chunk.timestamp / 1000), key: chunk.type === "key" });
  };
  const taken = () => {
    const given = chunks;
    chunks = [];
    if (failure) throw new Error(failure);
    return given;
  };
  const begin = async () => {
    if (typeof VideoEncoder === "undefined") return "";
    for (const [codec, name] of CODECS) {
      const wanted = { codec, width, height, bitrate: 900_000, framerate: 12, latencyMode: "quality" };
      const { supported } = await VideoEncoder.isConfigSupported(wanted).catch(() => ({ supported: false }));
      if (!supported) continue;
      encoder = new VideoEncoder({ output: keep, error: (error) => { failure = String(error); } });
      encoder.configure(wanted);
      return name;
    }
    return "";
  };

  const lines = (text, most) => {
    const found = [];
    let line = "";
    for (const word of text.split(" ")) {
      if (line && pen.measureText(`${line} ${word}`).width > most) {
        found.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    return line ? [...found, line] : found;
  };
  const write = (text, x, y, size, colour, weight = 400) => {
    pen.font = `${weight} ${size}px ${FONT}`;
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
    return pen.measureText(text).width;
  };
  const disc = (number, x, y, size) => {
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fillStyle = "#c81e1e";
    pen.fill();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    write(number, x, y + 1, size * 0.95, "#fff", 700);
    pen.textAlign = "left";
  };
  const drawBand = (caption) => {
    pen.fillStyle = "#16233f";
    pen.fillRect(0, high, width, band);
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    write(banner, width - 20, height - 15, 15, "#ffd166", 600);
    pen.textAlign = "left";
    if (!caption) return;
    disc(caption.number, 46, high + band / 2, 24);
    write(caption.where, 92, height - 15, 15, "#d5dcec");
    pen.font = `600 25px ${FONT}`;
    const told = lines(caption.say, width - 130);
    const step = 32, first = high + (band - 24) / 2 - ((told.length - 1) * step) / 2;
    told.forEach((line, index) => write(line, 92, first + index * step, 25, "#fff", 600));
  };
  const drawFrames = (boxes, scale) => {
    for (const box of boxes) {
      for (const [colour, wide] of [["#fffc", 8], ["#c81e1e", 4]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = wide;
        pen.beginPath();
        pen.roundRect((box.x - 5) * scale, (box.y - 5) * scale, (box.width + 10) * scale, (box.height + 10) * scale, 6);
        pen.stroke();
      }
    }
  };
  const drawTitle = ({ title, under }) => {
    pen.fillStyle = "#16233f";
    pen.fillRect(0, 0, width, height);
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.font = `700 58px ${FONT}`;
    // Lines of about the same length.
    let told = lines(title, width - 240);
    for (let most = width - 280; most > 300; most -= 40) {
      const narrower = lines(title, most);
      if (narrower.length > told.length) break;
      told = narrower;
    }
    told.forEach((line, index) => write(line, 120, high / 2 - 60 + index * 70, 58, "#fff", 700));
    write(under, 120, high / 2 - 60 + told.length * 70 + 10, 28, "#ffd166", 600);
  };

  const add = async (scene) => {
    if (scene.title) drawTitle(scene.title);
    else {
      const bytes = Uint8Array.from(atob(scene.picture), (sign) => sign.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const scale = Math.min(width / picture.width, high / picture.height);
      const wide = picture.width * scale;
      pen.fillStyle = "#0d1526";
      pen.fillRect(0, 0, width, high);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, (width - wide) / 2, (high - picture.height * scale) / 2, wide, picture.height * scale);
      pen.save();
      pen.beginPath();
      pen.rect(0, 0, width, high);
      pen.clip();
      drawFrames(scene.boxes, wide / scene.wide);
      pen.restore();
      drawBand(scene.caption);
      picture.close();
    }
    // A picture that stands long is said again: some players wait for the next one before they show it.
    for (let at = scene.at; at < scene.at + scene.lasts; at += 1000) {
      const key = at === scene.at && (scene.at - last >= 4000 || !scene.at);
      if (key) last = scene.at;
      const frame = new VideoFrame(canvas, { timestamp: at * 1000 });
      encoder.encode(frame, { keyFrame: key });
      frame.close();
    }
    if (encoder.encodeQueueSize > 8) await new Promise((done) => encoder.addEventListener("dequeue", done, { once: true }));
    return taken();
  };
  const end = async () => {
    await encoder.flush();
    encoder.close();
    return taken();
  };
  window.film = { begin, add, end };
}
