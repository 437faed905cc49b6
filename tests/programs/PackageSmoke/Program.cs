// What a user of the package writes first: a domain-adversarial training in ten lines.
using TorchSharp;
using TransferLearning;
using static TorchSharp.torch;

_ = manual_seed(1);
var labels = arange(400, dtype: int64).remainder(2);
var rows = randn(400, 8) + labels.unsqueeze(1).to(float32) * 3;
var source = new LabeledDomain(rows, labels);
var target = new UnlabeledDomain(rows + 0.5);
var extractor = nn.Sequential(nn.Linear(8, 16), nn.ReLU()).AsPart();
var (predictor, critic) = (nn.Linear(16, 2).AsPart(), nn.Linear(16, 1).AsPart());
using var model = Recipes
    .Dann(extractor, predictor, critic)
    .Fit(source, target, new FitOptions { Training = new() { Epochs = 50 } });
var accuracy = model.PredictClasses(rows + 0.5).eq(labels).to(float32).mean().item<float>();

Console.WriteLine($"package smoke: the packaged library reads {accuracy:P1} of the shifted rows");
return accuracy > 0.9f ? 0 : 1;
