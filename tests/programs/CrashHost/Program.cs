// Trains with a checkpoint at every step, says each step, and ends with a hash of all parameters: a process to be
// killed by a test.
using System.Security.Cryptography;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.CrashHost;
using TransferLearning.Training;
using static TorchSharp.torch;

var folder = args[0];
_ = manual_seed(args.Length > 1 ? Number(args[1]) : 1);
using var generator = new Generator(7);
var labels = arange(640, dtype: int64).remainder(2);
var rows = randn([640, 4], generator: generator) + labels.unsqueeze(1).to(float32);
var extractor = nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2));
var predictor = nn.Linear(32, 2);
var critic = nn.Linear(32, 1);
using var model = new AdaptationBuilder()
    .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
    .Fit(
        new LabeledDomain(rows, labels),
        new UnlabeledDomain(rows + 0.5),
        new FitOptions
        {
            Seed = 1,
            Observers = [new Speaks()],
            Checkpoints = new CheckpointOptions(folder) { EverySteps = 1, Resume = ResumeMode.IfPresent },
            Training = new TrainingOptions { Steps = args.Length > 2 ? Number(args[2]) : 200 },
        }
    );
using var memory = new MemoryStream();
foreach (var module in new nn.Module[] { extractor, predictor, critic })
{
    foreach (var (_, value) in module.state_dict())
    {
        memory.Write(value.detach().contiguous().bytes);
    }
}
Console.WriteLine("hash " + Convert.ToHexString(SHA256.HashData(memory.ToArray())));

static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
