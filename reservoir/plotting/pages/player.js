// Plays `nMoments` moments at `rate` a second, forward only; `show(time)` draws one.
const play = document.getElementById("play");
const slider = document.getElementById("slider");
const speed = document.getElementById("speed");
let playing = true, time = 0, before = null;
slider.max = nMoments - 1;

function moveTo(moment) {
  time = Math.min(Math.max(moment, 0), nMoments - 1);
  slider.value = time;
  show(time);
}
function setPlaying(wanted) {
  if (wanted && time >= nMoments - 1) moveTo(0);
  playing = wanted;
  before = null;
  play.textContent = playing ? "Pause" : "Play";
}
function step(now) {
  if (playing) {
    if (before !== null) moveTo(time + (now - before) / 1000 * rate * speed.value);
    before = now;
    if (time >= nMoments - 1) setPlaying(false);
  }
  requestAnimationFrame(step);
}
play.onclick = () => setPlaying(!playing);
slider.oninput = () => { setPlaying(false); moveTo(+slider.value); };
document.onkeydown = (event) => {
  if (event.key === " " && event.target !== play) { event.preventDefault(); setPlaying(!playing); }
};
// page.html#moment=12 shows this moment and stands still.
const wanted = /moment=([\d.]+)/.exec(location.hash);
moveTo(wanted ? +wanted[1] : 0);
if (wanted) setPlaying(false);
requestAnimationFrame(step);
