using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>The training steps of <see cref="TrainingSteps"/> as one writes them in TorchSharp without the library.</summary>
internal sealed class PlainSteps
{
    private const int Batch = 64;
    private readonly Tensor _source = MadeRows.Images(5000, 1, 28);
    private readonly Tensor _target = MadeRows.Images(1000, 1, 28);
    private readonly Tensor _labels = MadeRows.Classes(5000, 10);
    private readonly nn.Module<Tensor, Tensor> _extractor = ModelBenchmarks.Extractor();
    private readonly nn.Module<Tensor, Tensor> _predictor = nn.Sequential(
        nn.Linear(768, 100),
        nn.ReLU(),
        nn.Linear(100, 100),
        nn.ReLU(),
        nn.Linear(100, 10)
    );
    private readonly nn.Module<Tensor, Tensor> _critic = nn.Sequential(
        nn.Linear(768, 100),
        nn.ReLU(),
        nn.Linear(100, 1)
    );

    /// <summary>Cross-entropy alone.</summary>
    public void RunSourceOnly(int steps) => Run(steps, [_extractor, _predictor], gapOf: null);

    /// <summary>Cross-entropy and multi-kernel MMD, both domains in one pass.</summary>
    public void RunDeepAdaptation(int steps) =>
        Run(
            steps,
            [_extractor, _predictor],
            features =>
                DiscrepancyBenchmarks.PlainOfManyKernels(features.narrow(0, 0, Batch), features.narrow(0, Batch, Batch))
        );

    /// <summary>Cross-entropy and an opposed critic, both domains in one pass.</summary>
    public void RunDomainAdversarial(int steps)
    {
        using var domains = cat([ones(Batch), zeros(Batch)]);
        Run(
            steps,
            [_extractor, _predictor, _critic],
            features =>
            {
                // Its value is the features', its gradient theirs with the other sign.
                var reversed = features.detach() * 2 - features;
                return nn.functional.binary_cross_entropy_with_logits(_critic.call(reversed).squeeze(1), domains);
            }
        );
    }

    private void Run(int steps, nn.Module<Tensor, Tensor>[] parts, Func<Tensor, Tensor>? gapOf)
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(0).Generator();
        using var optimizer = optim.SGD(parts.SelectMany(part => part.parameters()), 0.01, momentum: 0.9);
        for (var step = 0; step < steps; step++)
        {
            using var one = NewDisposeScope();
            var rows = randint(0, 5000, [Batch], dtype: int64, generator: generator);
            optimizer.zero_grad();
            var images = _source.index_select(0, rows);
            if (gapOf is not null)
            {
                var others = randint(0, 1000, [Batch], dtype: int64, generator: generator);
                images = cat([images, _target.index_select(0, others)]);
            }
            var features = _extractor.call(images);
            var scores = _predictor.call(gapOf is null ? features : features.narrow(0, 0, Batch));
            var loss = nn.functional.cross_entropy(scores, _labels.index_select(0, rows));
            if (gapOf is not null)
            {
                loss += gapOf(features);
            }
            loss.backward();
            _ = optimizer.step();
        }
    }
}
