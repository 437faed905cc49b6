using TorchSharp.Modules;
using TransferLearning.Adversarial;
using TransferLearning.Distributed;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>Batch normalization by the rows of all threads, against one that sees them all.</summary>
public sealed class SynchronizedNormalizationTests
{
    private const int Rows = 12;

    [Theory]
    [InlineData(2, false, 0.1)]
    [InlineData(3, false, 0.1)]
    [InlineData(12, false, 0.1)] // one row each
    [InlineData(2, true, 0.1)]
    [InlineData(4, true, null)]
    public void Layer_OfPartsOfABatch_IsThatOfTheWhole(int size, bool isOfImages, double? momentum)
    {
        var whole = Passed(Made(isOfImages), 1, 0, momentum, null);
        var parts = ThreadCommunicator.Run(
            size,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var own = Made(isOfImages).narrow(0, Rows / size * communicator.Rank, Rows / size);
                return Passed(own, size, communicator.Rank, momentum, communicator);
            }
        );

        for (var i = 0; i < whole.Gradients.Length; i++)
        {
            Assert.Equal(whole.Gradients[i], parts.Average(part => part.Gradients[i]), 1e-11);
        }
        Assert.All(parts, part => Assert.True(SharedToy.Gap(whole.Running, part.Running) < 1e-12));
        double[] rows = [.. parts.SelectMany(part => part.Outputs)];
        Assert.Equal(whole.Outputs.Length, rows.Length);
        Assert.True(SharedToy.Gap(whole.Outputs, rows) < 1e-12);
        // A part's loss is the mean of its own rows.
        Assert.True(SharedToy.Gap(whole.OfInputs, [.. parts.SelectMany(part => part.OfInputs)]) < 1e-11);
    }

    [Theory]
    [InlineData(2, ScalarType.Float64, 1e-9)]
    [InlineData(4, ScalarType.Float64, 1e-9)]
    [InlineData(2, ScalarType.Float32, 1e-5)]
    public void Training_SharedByRanks_IsThatOfOneOnTheWholeBatch(int size, ScalarType type, double tolerance)
    {
        var expected = Assert.Single(Trained(1, type, isSynchronized: false));
        var found = Trained(size, type, isSynchronized: true);
        Assert.All(
            found,
            one => Assert.True(SharedToy.Gap(expected, one) < tolerance, $"{SharedToy.Gap(expected, one)}")
        );
        // The other way it is not, or this would prove nothing.
        Assert.True(SharedToy.Gap(expected, Trained(size, type, isSynchronized: false)[0]) > 1e-3);
    }

    [Fact]
    public void Layers_OnceItIsDisposed_AreTheirOwnAgain()
    {
        using var scope = NewDisposeScope();
        var layer = nn.BatchNorm1d(3);
        ThreadCommunicator.Run(
            1,
            communicator =>
            {
                using (var synchronized = layer.Synchronized(communicator))
                {
                    Assert.Equal(1, synchronized.Count);
                    Assert.Throws<ArgumentException>(() => layer.Synchronized(communicator));
                    _ = layer.call(randn(4, 3));
                    Assert.Equal(2, communicator.Sums + 1);
                }
                _ = layer.call(randn(4, 3));
                layer.eval();
                using var again = layer.Synchronized(communicator);
                _ = layer.call(randn(4, 3));
                Assert.Equal(1, communicator.Sums);
                return 0;
            }
        );
    }

    [Fact]
    public void Network_WithoutBatchNormalization_IsRefused()
    {
        using var network = nn.Linear(2, 2);
        ThreadCommunicator.Run(
            1,
            communicator =>
            {
                var fault = Assert.Throws<ArgumentException>(() => network.Synchronized(communicator));
                Assert.Contains("has no batch normalization", fault.Message, StringComparison.Ordinal);
                return 0;
            }
        );
    }

    // Gradients of the parameters, running statistics, outputs, and gradients of the inputs.
    private static (double[] Gradients, double[] Running, double[] Outputs, double[] OfInputs) Passed(
        Tensor own,
        int size,
        int rank,
        double? momentum,
        ThreadCommunicator? communicator
    )
    {
        using var scope = NewDisposeScope();
        var layer = own.dim() == 2 ? (BatchNorm)nn.BatchNorm1d(3, dtype: float64) : nn.BatchNorm2d(3, dtype: float64);
        layer.momentum = momentum;
        using (no_grad())
        {
            layer.weight.copy_(tensor(new[] { 0.5, 2, -1 }));
            layer.bias!.copy_(tensor(new[] { 1, 0, 0.25 }));
        }
        using var synchronized = communicator is null ? null : layer.Synchronized(communicator);
        var input = own.clone().requires_grad_();
        // Two passes, so that running statistics have something to follow.
        _ = layer.call((input.detach() * 2) - 1);
        var output = layer.call(input);
        var factors = Factors(own.shape).narrow(0, rank * own.shape[0], own.shape[0]);
        var loss = (output.pow(3) * factors).mean();
        loss.backward();
        static double[] Numbers(params Tensor[] all) =>
            [.. all.SelectMany(one => one.detach().flatten().data<double>().ToArray())];
        return (
            Numbers(layer.weight.grad!, layer.bias!.grad!),
            Numbers(layer.running_mean!, layer.running_var!),
            Numbers(output),
            Numbers(input.grad! / size)
        );
    }

    private static Tensor Made(bool isOfImages)
    {
        using var generator = new RandomKey(1).Generator();
        long[] shape = isOfImages ? [Rows, 3, 2, 2] : [Rows, 3];
        return (randn(shape, float64, generator: generator) * 3) + 5;
    }

    private static Tensor Factors(ReadOnlySpan<long> shape)
    {
        using var generator = new RandomKey(2).Generator();
        return randn([Rows, .. shape[1..]], float64, generator: generator);
    }

    private static double[][] Trained(int size, ScalarType type, bool isSynchronized)
    {
        var ends = new List<IDisposable>();
        try
        {
            return ThreadCommunicator.Run(
                size,
                communicator =>
                {
                    using var scope = NewDisposeScope();
                    Toy.SeedModules(3);
                    var extractor = nn.Sequential(
                        nn.Linear(4, 8, dtype: type),
                        nn.BatchNorm1d(8, dtype: type),
                        nn.Tanh(),
                        nn.Linear(8, 8, dtype: type),
                        nn.BatchNorm1d(8, dtype: type)
                    );
                    var (predictor, critic) = (nn.Linear(8, 2, dtype: type), nn.Linear(8, 1, dtype: type));
                    if (isSynchronized)
                    {
                        ends.Add(extractor.Synchronized(communicator));
                    }
                    var log = new LogLines();
                    using var model = new AdaptationBuilder()
                        .Train(
                            extractor,
                            predictor,
                            net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment()).Oppose(critic)
                        )
                        .Fit(
                            new LabeledDomain(Toy.Source(rows: 96).Inputs.to(type), Toy.Source(rows: 96).Labels),
                            new UnlabeledDomain(Toy.LabeledTarget(rows: 40).Inputs.to(type)),
                            new FitOptions
                            {
                                Seed = 5,
                                Logger = log,
                                Training = new TrainingOptions
                                {
                                    Steps = 12,
                                    BatchSize = 16,
                                    TargetBatchSize = 8,
                                    Optimizer = parameters => optim.SGD(parameters, 0.05, momentum: 0.9),
                                },
                            }.Distributed(communicator)
                        );
                    Assert.Equal(
                        size > 1 && !isSynchronized && communicator.Rank == 0,
                        log.Heard.Exists(line =>
                            line.Contains("batch normalization takes its statistics", StringComparison.Ordinal)
                        )
                    );
                    return extractor
                        .state_dict()
                        .Values.Concat(predictor.state_dict().Values)
                        .SelectMany(value => value.to(float64).flatten().data<double>().ToArray())
                        .ToArray();
                }
            );
        }
        finally
        {
            ends.ForEach(end => end.Dispose());
        }
    }
}
