using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>
/// What a domain critic costs a step: its loss on the features of both domains and the gradients of features and
/// critic, 256 features, float32.
/// </summary>
[MemoryDiagnoser]
[BenchmarkCategory("Critics")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class CriticBenchmarks
{
    private const int Width = 256;
    private const int Classes = 10;
    private readonly nn.Module<Tensor, Tensor> _critic = Critic(Width);
    private readonly nn.Module<Tensor, Tensor> _conditional = Critic(Classes * Width);
    private Tensor _features = null!;
    private Tensor _probabilities = null!;
    private Tensor _domains = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the features.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var source = MadeRows.Normal(Rows, Width, type: float32);
        using var target = MadeRows.Normal(Rows, Width, shift: 0.4, type: float32);
        using var logits = MadeRows.Normal(2 * Rows, Classes, type: float32);
        _features = cat([source, target]).requires_grad_();
        _probabilities = logits.softmax(1);
        _domains = cat([ones(Rows), zeros(Rows)]);
        Agreement.Check("DANN", OfAdversary, PlainOfAdversary, 1e-4);
        Agreement.Check("CDAN", OfConditional, PlainOfConditional, 1e-4);
        Agreement.Check("gradient penalty", OfPenalty, PlainOfPenalty, 1e-4);
    }

    /// <summary>DANN: a critic behind the reversed gradient.</summary>
    [Benchmark]
    [BenchmarkCategory("DANN")]
    public void DomainAdversary() => OfAdversary().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("DANN")]
    public void PlainDomainAdversary() => PlainOfAdversary().Dispose();

    /// <summary>CDAN: the critic sees features times class probabilities.</summary>
    [Benchmark]
    [BenchmarkCategory("CDAN")]
    public void ConditionalDomainAdversary() => OfConditional().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("CDAN")]
    public void PlainConditionalDomainAdversary() => PlainOfConditional().Dispose();

    /// <summary>The gradient penalty of a Wasserstein critic.</summary>
    [Benchmark]
    [BenchmarkCategory("Penalty")]
    public void GradientPenalty() => OfPenalty().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Penalty")]
    public void PlainGradientPenalty() => PlainOfPenalty().Dispose();

    private Tensor OfAdversary() => Slopes(_critic, () => Loss(_critic.call(Reversed())));

    private Tensor PlainOfAdversary() => Slopes(_critic, () => PlainLoss(_critic.call(PlainReversed())));

    private Tensor OfConditional() =>
        Slopes(_conditional, () => Loss(_conditional.call(MultilinearMap.Of(Reversed(), _probabilities))));

    private Tensor PlainOfConditional() =>
        Slopes(
            _conditional,
            () => PlainLoss(_conditional.call(einsum("nc,nd->ncd", _probabilities, PlainReversed()).flatten(1)))
        );

    private Tensor OfPenalty() => SlopesOfWeights(() => Adversarial.GradientPenalty.Of(_critic.call, _features));

    private Tensor PlainOfPenalty() =>
        SlopesOfWeights(() =>
        {
            var points = _features.detach().requires_grad_();
            var judged = _critic.call(points);
            var slopes = autograd.grad([judged], [points], [ones_like(judged)], retain_graph: true, create_graph: true)[
                0
            ];
            return (slopes.norm(1) - 1).square().mean();
        });

    private Tensor Reversed() => GradientReversal.Apply(_features, 1);

    // Its value is the features', its gradient theirs with the other sign.
    private Tensor PlainReversed() => (_features.detach() * 2) - _features;

    private Tensor Loss(Tensor judged)
    {
        var logits = judged.squeeze(1);
        return Adversarial.DomainAdversary.Loss(logits.narrow(0, 0, Rows), logits.narrow(0, Rows, Rows));
    }

    // The mean over both domains is half the sum of their means.
    private Tensor PlainLoss(Tensor judged) =>
        nn.functional.binary_cross_entropy_with_logits(judged.squeeze(1), _domains) * 2;

    private Tensor Slopes(nn.Module<Tensor, Tensor> critic, Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var slopes = autograd.grad([loss()], [_features, .. critic.parameters()]);
        return cat([.. slopes.Select(slope => slope.flatten())]).MoveToOuterDisposeScope();
    }

    // No penalty reaches the last offset.
    private Tensor SlopesOfWeights(Func<Tensor> penalty)
    {
        using var scope = NewDisposeScope();
        var slopes = autograd.grad([penalty()], [.. _critic.parameters().Where(parameter => parameter.dim() == 2)]);
        return cat([.. slopes.Select(slope => slope.flatten())]).MoveToOuterDisposeScope();
    }

    private static nn.Module<Tensor, Tensor> Critic(long width) =>
        nn.Sequential(nn.Linear(width, 100), nn.ReLU(), nn.Linear(100, 1));
}
