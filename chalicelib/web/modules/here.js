// Where is the door? Where the phone is, if it says so; without a script distance and direction tell.
const button = document.getElementById("here");
const found = document.getElementById("found");
const accuracy_m = 100;

button.hidden = !("geolocation" in navigator);
button.onclick = () => {
  const lost = () => (found.textContent = found.dataset.lost);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      if (coords.accuracy > accuracy_m) return lost();
      document.getElementById("spot").value = `${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)}`;
      for (const id of ["away", "wind"]) document.getElementById(id).hidden = true;
      found.textContent = found.dataset.found;
    },
    lost,
    { enableHighAccuracy: true, timeout: 10_000 },
  );
};
