using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>What a training across processes exchanges, and what it decides together.</summary>
internal sealed class SharedSteps(ITrainingGroup group)
{
    // What every process throws alike, so that none waits for another.
    private static readonly ConditionalWeakTable<Exception, object> Common = [];

    /// <summary>The group of a run; null where a process trains alone.</summary>
    public static SharedSteps? Of(FitOptions options) =>
        options.Group is { Size: > 1 } group ? new SharedSteps(group) : null;

    public ITrainingGroup Group => group;

    /// <summary>What is wrong with sharing the steps of a training.</summary>
    public static IEnumerable<string> Faults(NetworkTraining training, TrainingOptions options, ChainPlan plan)
    {
        if (plan.Options.Group is not { Size: > 1 } group)
        {
            yield break;
        }
        foreach (var objective in TrainingParts.AllParts(training).OfType<IObjective>().Distinct())
        {
            if (objective.Split == BatchSplit.Refused)
            {
                yield return $"objective {objective.Name} cannot be computed by {group.Size} processes that share each "
                    + "step's rows: leave it out, or train in one process.";
            }
        }
        var domains = plan.Domains.Labeled.Select(pair => (pair.Domain.Count, pair.Id, options.BatchSize)).ToList();
        if (plan.Domains.HasTarget)
        {
            domains.Add((plan.Domains.Target.Count, DomainId.Target, options.TargetBatchSize ?? options.BatchSize));
        }
        foreach (var (count, id, wanted) in domains)
        {
            var rows = Math.Min(wanted, count);
            if (rows % group.Size != 0)
            {
                yield return $"a step takes {rows} rows of {id}, which {group.Size} processes cannot share evenly: "
                    + $"give a batch size, and a domain no smaller than it, that {group.Size} divides.";
            }
        }
    }

    /// <summary>The processes must run the same chain on the same data with the same options.</summary>
    /// <param name="fingerprint">What tells this run's chain, data and options.</param>
    /// <param name="options">The run's options.</param>
    /// <param name="origin">A number that tells the checkpoint which was resumed from.</param>
    public void AgreeOnRun(string fingerprint, FitOptions options, double origin)
    {
        var print = SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint));
        Agree("chain, data or options", options.Seed & uint.MaxValue, options.Seed >> 32, Number(print));
        Agree(
            "whether and when they write checkpoints",
            options.Checkpoints is { } kept ? [1, kept.EverySteps, kept.EveryEpochs] : [0, 0, 0]
        );
        Agree("what they resume from", origin);
    }

    /// <summary>A number of 32 bits for a hash.</summary>
    public static double Number(ReadOnlySpan<byte> hash) => BitConverter.ToUInt32(hash);

    /// <summary>Every process must be at the same place: where one is not, all throw.</summary>
    /// <exception cref="InvalidOperationException">A process differs from the first.</exception>
    public void Agree(string what, params double[] facts)
    {
        using var scope = NewDisposeScope();
        var first = tensor(facts, float64);
        group.Broadcast([first]);
        var isOther = !first.data<double>().ToArray().AsSpan().SequenceEqual(facts);
        if (Any(isOther))
        {
            throw Together(
                new InvalidOperationException(
                    $"{group}: the processes of this run differ in {what}; {(isOther ? "this one" : "another one")} is "
                        + "not as rank 0 is. Give all the same program, arguments, options and data, and one "
                        + "checkpoint folder that every host sees."
                )
            );
        }
    }

    /// <summary>Whether a flag is up in any process.</summary>
    public bool Any(bool flag) => Mean(flag ? 1 : 0) > 0;

    /// <summary>The mean of a number over all processes: the same bits in each.</summary>
    public double Mean(double number)
    {
        using var scope = NewDisposeScope();
        var value = full([1], number, ScalarType.Float64, CPU);
        group.Average([value]);
        return value.item<double>();
    }

    /// <summary>Throws where the run of any process was canceled.</summary>
    public void CheckCanceled()
    {
        if (Any(Canceling.IsAsked))
        {
            throw Together(new OperationCanceledException($"{group}: a process of this run was canceled."));
        }
    }

    /// <summary>Parameters and buffers as the first process has them.</summary>
    public void Start(IEnumerable<ITrainable> parts)
    {
        using var scope = NewDisposeScope();
        group.Broadcast([.. parts.SelectMany(part => part.Module.parameters().Concat(part.Module.buffers()))]);
    }

    /// <summary>
    /// Buffers as their means over all processes: the running statistics of batch normalization come from all rows
    /// then, and are moving averages, so that it does not matter when.
    /// </summary>
    public void Buffers(IEnumerable<ITrainable> parts)
    {
        using var scope = NewDisposeScope();
        group.Average([.. parts.SelectMany(part => part.Module.buffers()).Where(buffer => buffer.is_floating_point())]);
    }

    /// <summary>
    /// Averages gradients, and the values of objectives with them. A parameter that has a gradient in some processes
    /// has one in all then.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="values">The objectives' values; those of this phase give way to their means.</param>
    /// <param name="first">The first value of this phase.</param>
    public void Gradients(List<Parameter> parameters, List<(string Name, Tensor Value)> values, int first)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var own = parameters.Select(parameter => parameter.grad).ToList();
        var gradients = own.Zip(parameters, (gradient, parameter) => gradient ?? zeros_like(parameter)).ToList();
        var (device, type) = (values[first].Value.device, Widest(values[first].Value.dtype));
        var has = tensor(own.Select(gradient => gradient is null ? 0.0 : 1.0).ToArray(), type);
        var losses = stack([.. values.Skip(first).Select(pair => pair.Value.detach().reshape([]).to(type))]);
        var numbers = cat([has.to(device), losses]);
        group.Average([.. gradients, numbers]);
        if (own.Exists(gradient => gradient is null))
        {
            var share = numbers.cpu();
            for (var i = 0; i < own.Count; i++)
            {
                if (own[i] is null && share[i].to(float64).item<double>() > 0)
                {
                    parameters[i].grad = gradients[i];
                }
            }
        }
        for (var i = first; i < values.Count; i++)
        {
            var mean = numbers[parameters.Count + i - first].to(values[i].Value.dtype).clone();
            values[i] = (values[i].Name, mean.MoveToOuterDisposeScope());
        }
    }

    /// <summary>An exception has left the run: where the others do not know of it, all end.</summary>
    public void Left(Exception fault)
    {
        if (fault is not DivergenceException && !Common.TryGetValue(fault, out _))
        {
            group.Fail(fault);
        }
    }

    /// <summary>Says once what batch normalization does here.</summary>
    public void Note(FitRun run, IEnumerable<ITrainable> moved)
    {
        var layers = moved.SelectMany(part => Modes.Of(part.Module)).OfType<BatchNorm>();
        if (group.Rank == 0 && layers.Any(layer => !SynchronizedNormalization.IsSynchronized(layer)))
        {
            run.Options.Logger.LogInformation(
                "stage {Stage}: batch normalization takes its statistics from each process's own rows, 1 of {Size} "
                    + "parts of a batch; running statistics are averaged at the ends of epochs",
                run.Stage + 1,
                group.Size
            );
        }
    }

    private static Exception Together(Exception fault)
    {
        Common.Add(fault, fault);
        return fault;
    }

    private static ScalarType Widest(ScalarType type) => type == ScalarType.Float64 ? type : ScalarType.Float32;
}
