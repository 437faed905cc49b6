using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Instance;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Class weights under label shift from a classifier's probabilities, 10 classes.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("LabelShift")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class LabelShiftBenchmarks
{
    private const int Classes = 10;
    private readonly MaximumLikelihoodLabelShift _likelihood = new();
    private readonly BlackBoxShiftEstimation _blackBox = new();
    private Tensor _labels = null!;
    private Tensor _held = null!;
    private Tensor _seen = null!;
    private Tensor _priors = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(500, 10000)]
    public int Rows { get; set; }

    /// <summary>Makes the probabilities: right in most rows, the target's first classes more common.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        Tensor Probabilities(Tensor classes, double shift)
        {
            using var scope = NewDisposeScope();
            var hints = nn.functional.one_hot(classes, Classes) * 3;
            return (MadeRows.Normal(Rows, Classes, shift) + hints).softmax(1).MoveToOuterDisposeScope();
        }
        _labels = MadeRows.Classes(Rows, Classes);
        using var others = _labels.mul(_labels).div(Classes, RoundingMode.floor);
        (_held, _seen) = (Probabilities(_labels, 0), Probabilities(others, 0.2));
        _priors = full([Classes], 1.0 / Classes, dtype: float64);
        Agreement.Check("MLLS", OfLikelihood, PlainOfLikelihood);
        Agreement.Check("BBSE", OfBlackBox, PlainOfBlackBox);
    }

    /// <summary>Expectation maximization.</summary>
    [Benchmark]
    [BenchmarkCategory("MLLS")]
    public void MaximumLikelihoodLabelShift() => OfLikelihood().Dispose();

    /// <summary>The same steps in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MLLS")]
    public void PlainMaximumLikelihoodLabelShift() => PlainOfLikelihood().Dispose();

    /// <summary>The inverted confusion matrix.</summary>
    [Benchmark]
    [BenchmarkCategory("BBSE")]
    public void BlackBoxShiftEstimation() => OfBlackBox().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("BBSE")]
    public void PlainBlackBoxShiftEstimation() => PlainOfBlackBox().Dispose();

    private Tensor OfLikelihood() => _likelihood.ClassWeights(_seen, _priors);

    private Tensor PlainOfLikelihood()
    {
        using var scope = NewDisposeScope();
        var weights = ones(Classes, dtype: float64);
        for (var change = double.PositiveInfinity; change > _likelihood.Tolerance; )
        {
            var joint = _seen * weights;
            var next = (joint / joint.sum(1, keepdim: true)).mean([0L]) / _priors;
            change = ((next - weights) * _priors).abs().max().item<double>();
            weights = next;
        }
        return weights.MoveToOuterDisposeScope();
    }

    private Tensor OfBlackBox() => _blackBox.ClassWeights(_held, _labels, _seen);

    private Tensor PlainOfBlackBox()
    {
        using var scope = NewDisposeScope();
        static Tensor Hot(Tensor classes) => nn.functional.one_hot(classes, Classes).to(float64);
        var confusion = Hot(_held.argmax(1)).t().matmul(Hot(_labels)) / Rows;
        var seen = Hot(_seen.argmax(1)).mean([0L]);
        return linalg.solve(confusion, seen).clamp_min(0).MoveToOuterDisposeScope();
    }
}
