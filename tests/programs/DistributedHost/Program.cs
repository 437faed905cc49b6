// One rank of a run that mpirun starts: 'calls' tries every call, 'cost' times messages, the others train a small DANN.
//   train <folder> [steps]      trains with checkpoints and says a hash of all parameters
//   throws | exits | kills      train, and rank 1 throws, exits or is killed in the middle
//   cancels                     trains, and rank 1 alone is canceled
//   shards <folder>             fits shallow methods over shards of the rows and writes some of their numbers
//   measure <rows> <width>      CORAL over made rows in shards: time and memory
using TransferLearning.Distributed;
using TransferLearning.Tests.DistributedHost;

var world = MpiCommunicator.World;
switch (args[0])
{
    case "calls":
        Calls.Try(world);
        break;
    case "cost":
        Calls.Time(world);
        break;
    case "shards":
        Shards.Fit(world, args[1]);
        break;
    case "measure":
        Shards.Measure(world, args);
        break;
    default:
        Trainings.Run(world, args);
        break;
}
